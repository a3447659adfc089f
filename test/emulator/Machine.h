//===- Machine.h - A block of threads while it runs ----------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The state of one block: its warps with their registers and paths, its shared
/// memory, barriers and copies in flight. Blocks run one after the other;
/// within a block warps take turns as the random numbers say.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_MACHINE_H
#define HEED_TEST_EMULATOR_MACHINE_H

#include "test/emulator/Program.h"
#include "test/emulator/Shared.h"

#include <array>
#include <cstdarg>
#include <deque>
#include <map>
#include <random>
#include <vector>

namespace heed::ptx {

using Lanes = std::array<uint64_t, 32>;
inline constexpr uint32_t allLanes = ~0u;

enum class Space : int32_t { Generic, Global, Shared, Local, Param, Const };
enum class Use { Read, Write, Atomic };

/// Lanes that go the same way until instruction `end`.
struct Path {
  int pc;
  int end;
  uint32_t lanes;
};

/// One cp.async of one lane.
struct AsyncCopy {
  int lane;
  uint32_t group; ///< In the order in which the lane commits them.
  uint64_t target;
  const uint8_t *source = nullptr;
  uint32_t bytes, sourceBytes;
  bool isDone = false; ///< The bytes are there, though nobody may know.
};

/// One wgmma of a warp, which reads its operands when it is waited for.
struct WarpgroupProduct {
  const Instruction *instruction;
  uint64_t a, b; ///< Descriptors; a is not used if A lies in registers.
  bool accumulate;
  Clock seen, fenced; ///< When it was issued.
};

/// A bulk copy of shared memory to global memory, waited for in groups.
struct BulkStore {
  uint64_t source;
  uint64_t bytes;
  struct Run {
    uint8_t *target;
    uint64_t offset;
    uint64_t bytes;
  };
  std::vector<Run> runs;
};

/// A bulk copy into shared memory, announced to an mbarrier.
struct BulkLoad {
  uint64_t target;
  uint64_t bytes;
  uint64_t barrier;
  /// Source and offset of runs of bytes; what no run covers becomes 0.
  struct Run {
    const uint8_t *source;
    uint64_t offset;
    uint64_t bytes;
  };
  std::vector<Run> runs;
};

struct Barrier {
  uint32_t arrived = 0, expected = 0;
  uint64_t generation = 0;
  uint32_t votes = 0, result = 0; ///< Of bar.red.
  Clock clock, fenced;            ///< Joined by those who have arrived.
  Clock releasedClock, releasedFenced;
};

struct MBarrier {
  uint32_t count = 0, pending = 0;
  int64_t bytes = 0; ///< Of copies, still expected.
  uint64_t phase = 0;
  int initialiser = 0; ///< The warp that made it, and what it had seen.
  Clock initialised;
  Clock clock, fenced;
  Clock releasedClock, releasedFenced;
};

struct Block;

struct Warp {
  Block *block = nullptr;
  int index = 0;
  uint32_t live = allLanes;
  std::vector<Path> paths;
  std::vector<Lanes> rows;
  std::vector<uint32_t> defined; ///< Lanes of a row that were written.
  /// Uses of a row by wgmma in flight.
  std::vector<uint16_t> writtenInFlight, readInFlight;
  std::vector<uint64_t> writtenAt; ///< Step of the last write of a row.
  uint64_t productFence = 0;       ///< Step of the last wgmma.fence.
  Clock seen, fenced;
  uint64_t steps = 0;
  int sleep = 0; ///< Rounds to sit out.

  bool isWaiting = false; ///< Has arrived at a barrier, at this generation.
  uint64_t generation = 0;
  uint64_t spurious = 0; ///< Events at the last failure of try_wait.

  std::deque<AsyncCopy> copies;
  std::array<uint32_t, 32> copyGroups = {};
  std::deque<std::vector<WarpgroupProduct>> products;
  std::vector<WarpgroupProduct> openProducts;
  std::array<std::deque<std::vector<BulkStore>>, 32> stores;
  std::array<std::vector<BulkStore>, 32> openStores;

  /// Executes one instruction.
  Outcome step();
  const Instruction &next() const;
  bool isDone() const { return live == 0; }

  /// Says what is wrong; the block adds line and text.
  Outcome fail(const char *format, ...) __attribute__((format(printf, 2, 3)));

  /// Returns where the bytes lie, or null after `fail`. Shared memory is
  /// checked for races; `value` is what a plain write will put there.
  uint8_t *access(Space space, uint64_t address, uint32_t bytes, int lane,
                  Use use, const void *value = nullptr);
  /// The same for shared memory at an address of its own space, `lane` -1 for
  /// an access of the whole warp.
  uint8_t *accessShared(uint64_t address, uint32_t bytes, int lane, Use use,
                        const void *value = nullptr);
  uint8_t *accessGlobal(uint64_t address, uint64_t bytes, bool write);
  /// Turns an address, generic if `space` says so, into one of shared memory
  /// that counts from sharedBase. Returns false after `fail`.
  bool sharedAddress(uint64_t address, uint64_t bytes, uint64_t align,
                     uint64_t &out);

  Access asAccess(int lane) const { return {index, lane, &seen}; }
  Access asProxy() const { return {index, -1, &seen, &fenced}; }
  /// Starts a new time: what was done before is released.
  void tick() { ++seen[index]; }
  /// May pause the warp, where others could overtake it.
  void maybeSleep();

private:
  Outcome checkOperands(const Instruction &instruction, uint32_t lanes);
};

/// Ends all cp.async of `lanes`, committed or not.
void finishCopies(Warp &warp, uint32_t lanes);

/// What all blocks of a launch share.
struct Launch {
  const Kernel &kernel;
  Memory memory;
  std::vector<uint8_t> params;
  int64_t grid;
  uint32_t threads;
  uint32_t sharedBytes;
  Options options;
  std::mt19937 random;
  Counts counts;
};

struct Block {
  Block(Launch &launch, int64_t index);
  Status run();

  /// Advances copies of the engine; returns whether it did anything.
  bool finishOneLoad();
  /// Counts what lets waiting warps go on.
  uint64_t events = 0;

  Launch &launch;
  int64_t index;
  SharedMemory shared;
  std::vector<uint8_t> local;
  std::vector<Warp> warps;
  std::array<Barrier, 16> barriers;
  std::map<uint64_t, MBarrier> mbarriers; ///< By shared address.
  std::vector<BulkLoad> loads;
  Clock engine; ///< Clock of the engine of bulk copies.
  std::string fault;
  int64_t engineAgent() const { return int64_t(warps.size()); }

private:
  void setSpecials(Warp &warp) const;
  Status runRound(bool &progress);
  Status runWarp(Warp &warp, bool &progress);
  Status describe(const Warp &warp) const;
  Status deadlock() const;
  Status checkEnd() const;
};

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_MACHINE_H
