//===- Emulator.h - Runs PTX text on the processor --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the exact PTX of our kernels, as a test tool. It is unkind on purpose:
/// warps advance in random order, copies arrive as early or as late as the ISA
/// permits, wgmma runs when it is waited for, approximate functions err as far
/// as they may. What hardware would let pass or answer with garbage is an error
/// that names the line: an instruction that is not in the table, an address
/// outside every range or misaligned, a register read before it was written, a
/// divergent barrier, a deadlock, a race on shared memory.
///
/// \code
///   ptx::Module module;
///   if (Status error = module.parse(text))
///     return error;
///   ptx::Memory memory;
///   memory.add(x.data(), x.size() * 4);
///   Status error = module.launch("scale", grid, 128, sharedBytes,
///                                {address(x), 3}, memory);
/// \endcode
///
/// Addresses of global memory are addresses of this process. A kernel's
/// parameters are 64-bit words, in order; one parameter `.b8 words[8 * n]` or n
/// parameters of 64 bits take them alike. A tensor map is 16 words, see
/// `withTensorMaps`. The same seed gives the same run.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_EMULATOR_H
#define HEED_TEST_EMULATOR_EMULATOR_H

#include "heed-c/Package.h"
#include "runtime/Status.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace heed::ptx {

struct Program;

/// The ranges of this process that kernels may read, and those that they may
/// write. It owns nothing.
class Memory {
public:
  /// Adds a range, which overlaps no other.
  void add(const void *begin, uint64_t bytes, bool writable = true);
  /// Removes the range that starts at `begin`.
  void remove(const void *begin);

  /// Returns whether all `bytes` at `address` lie in one range, which is
  /// writable if `write`.
  bool contains(uint64_t address, uint64_t bytes, bool write) const;

private:
  struct Range {
    uint64_t end;
    bool writable;
  };
  std::map<uint64_t, Range> ranges_; ///< By first address.
};

/// How one launch runs. Every seed is a run that hardware might make.
struct Options {
  uint64_t seed = 1;
  /// Instructions that a warp may execute before the launch counts as endless.
  uint64_t maxSteps = 1u << 30;
};

/// What the last launch did, all blocks together.
struct Counts {
  uint64_t instructions = 0; ///< Executed by a warp.
  uint64_t products = 0;     ///< mma, and wgmma per warp.
  uint64_t copies = 0;       ///< cp.async per thread, cp.async.bulk.
};

/// A parsed PTX module. Its `.global` variables live as long as it does.
class Module {
public:
  Module();
  Module(Module &&) noexcept;
  Module &operator=(Module &&) noexcept;
  ~Module();

  /// Reads all kernels of `text`; on failure the module stays as it was.
  /// Every instruction of every kernel must be known.
  Status parse(std::string_view text);

  /// The kernels, in order of the text.
  std::vector<std::string> kernels() const;

  /// Runs `grid` blocks of `threads` threads, a multiple of 32, with
  /// `sharedBytes` of dynamic shared memory each.
  Status launch(std::string_view kernel, int64_t grid, uint32_t threads,
                uint32_t sharedBytes, const std::vector<int64_t> &words,
                const Memory &memory, const Options &options = {});

  const Counts &counts() const { return counts_; }

private:
  std::unique_ptr<Program> program_;
  Counts counts_;
};

/// What cuTensorMapEncodeTiled takes, up to five dimensions, innermost first.
struct TensorMap {
  uint64_t base = 0; ///< Address, a multiple of 16.
  uint32_t rank = 0;
  uint32_t elementBytes = 2;
  uint64_t sizes[5] = {};    ///< In elements; what lies outside reads as 0.
  uint64_t strides[5] = {};  ///< In bytes, multiples of 16; [0] is not used.
  uint32_t box[5] = {};      ///< In elements.
  uint32_t swizzleBytes = 0; ///< 0, 32, 64 or 128.
};

/// Writes `map` as the 128 bytes that a kernel takes where hardware wants a
/// CUtensorMap. The bytes are the emulator's own.
void encodeTensorMap(const TensorMap &map, void *bytes);

/// Returns all that a kernel with `maps` (heed-c/Package.h) takes at a launch
/// with `words`.
std::vector<int64_t> withTensorMaps(std::vector<int64_t> words,
                                    const std::vector<heed_package_map> &maps);

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_EMULATOR_H
