//===- CudaAppend.h - Launches of the append kernel -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Divides an append into launches of the kernel in Append.cu. Nothing in them
/// depends on the tokens, so they can be recorded and run again.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDAAPPEND_H
#define HEED_RUNTIME_CUDA_CUDAAPPEND_H

#include "runtime/Device.h"

#include <cstdint>
#include <vector>

namespace heed {

/// The parameters of `heed_append`, as Append.cu has them.
struct AppendWords {
  static constexpr int64_t maxFields = 8;

  int64_t blocks = 1; ///< Per sequence.
  int64_t perBlock = 0;
  int64_t tokens = 0;
  int64_t positions = 0, slots = 0, counts = 0;
  int64_t capacity = 0, sinks = 0;
  int64_t counting = 0;
  int64_t fieldCount = 0;
  AppendField fields[maxFields] = {};
};

inline constexpr char appendKernel[] = "heed_append";
inline constexpr uint32_t appendThreads = 256;

/// Returns the launches of `append`, in order; the grid of each is the number
/// of sequences times its `blocks`.
std::vector<AppendWords> planAppend(const Append &append);

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDAAPPEND_H
