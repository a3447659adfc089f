//===- AttentionKernels.h - Attention alone, on the emulator ----*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Lowers one `attn.attention` of bf16 for sm_90a, runs its PTX, and computes
/// the same by the definition, in doubles.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_NVGPU_ATTENTIONKERNELS_H
#define HEED_TEST_UNIT_PASSES_LOWER_NVGPU_ATTENTIONKERNELS_H

#include "passes/lower/nvgpu/CompileKernels.h"

#include <functional>
#include <string>
#include <vector>

namespace heed::test {

/// An attention and its sizes. Query `i` stands at `i + keys - queries`.
struct AttentionCase {
  int64_t batch = 1, heads = 2, keyHeads = 1;
  int64_t queries = 100, keys = 100, width = 64;
  std::string mask = "<causal>";
  std::string tail = ""; ///< Text behind the scale.
  /// Whether the query at position `at` sees `key`; null: causal.
  std::function<bool(int64_t at, int64_t key)> sees = nullptr;
  std::function<bool(int64_t head, int64_t at, int64_t key)> seesPerHead =
      nullptr;
  /// What is done to a score; null: nothing.
  std::function<double(double score, int64_t at, int64_t key)> change = nullptr;
};

/// The kernel of `shape`, assembled too if that is possible. Aborts if it does
/// not compile.
GpuImage compileAttention(const AttentionCase &shape,
                          const std::string &target = "sm_90a");

struct AttentionError {
  double output = 0; ///< Root of the relative squared error.
  double lse = 0;    ///< The largest.
  std::string fault; ///< What the emulator complained about.
};

/// Runs `ptx`, the text of `image` or one with a fault in it.
AttentionError runAttention(const AttentionCase &shape, const GpuImage &image,
                            const std::string &ptx, uint64_t seed);

} // namespace heed::test

#endif // HEED_TEST_UNIT_PASSES_LOWER_NVGPU_ATTENTIONKERNELS_H
