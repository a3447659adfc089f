//===- Shared.h - Shared memory that knows who touched it ----- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The shared memory of a block, and the detection of races on it.
///
/// Agents are the warps of a block and, last, the engine that makes bulk
/// copies. An agent's clock counts its releases; what it has *seen* of every
/// other agent is a vector of such counts, joined at barriers. A granule
/// remembers when it was last written and by whom, and when each agent last
/// read it. An access is ordered behind another if the agent has seen the
/// other's time; if not, it is a race, on whichever seed. Lanes of a warp are
/// ordered by bar.warp.sync and by every barrier.
///
/// The second vector, *fenced*, is what fence.proxy.async has made visible to
/// wgmma and to bulk copies, which do not see plain writes otherwise.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_SHARED_H
#define HEED_TEST_EMULATOR_SHARED_H

#include <cstdint>
#include <vector>

namespace heed::ptx {

using Clock = std::vector<uint32_t>;

/// Raises `clock` to at least `other`.
void joinClock(Clock &clock, const Clock &other);

/// Who accesses, and what it has seen.
struct Access {
  int agent;
  int lane; ///< -1: all of the warp.
  const Clock *seen;
  const Clock *fenced = nullptr; ///< Set for accesses of the async proxy.
};

class SharedMemory {
public:
  /// `bytes` that read as NaN in every type, and a granule of 1, 2 or 4 bytes.
  SharedMemory(uint64_t bytes, uint32_t granule, int agents);

  /// Returns whether the bytes at `address`, which counts from sharedBase, are
  /// there.
  bool contains(uint64_t address, uint64_t bytes) const;
  uint8_t *data(uint64_t address) { return &bytes_[address]; }

  /// Note an access; the answer is null or what is wrong with it.
  const char *read(const Access &access, uint64_t address, uint64_t bytes);
  /// `same`: the bytes written are those that are there already.
  const char *write(const Access &access, uint64_t address, uint64_t bytes,
                    bool same = false);

  /// Between `begin` and `end`, a copy writes the range (reads it, if
  /// `isSource`) and nobody else may touch (write) it. `end` makes the write
  /// one of `access`.
  const char *beginCopy(const Access &access, uint64_t address, uint64_t bytes,
                        bool isSource);
  void endCopy(const Access &access, uint64_t address, uint64_t bytes,
               bool isSource);

private:
  struct Granule {
    uint32_t time = 0; ///< Of the last write.
    uint8_t writer = 0;
    int8_t lane = -1;
    uint8_t copiesInto = 0, copiesFrom = 0; ///< In flight.
  };
  const char *checkWritten(const Access &access, const Granule &granule) const;
  const char *checkReaders(const Access &access, uint64_t index) const;

  uint32_t granuleBytes_;
  int agents_;
  std::vector<uint8_t> bytes_;
  std::vector<Granule> granules_;
  std::vector<uint32_t> readTimes_; ///< Granules x agents.
};

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_SHARED_H
