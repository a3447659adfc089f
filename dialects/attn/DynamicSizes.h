//===- DynamicSizes.h - Sizes of tensors in a step --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the cost of ops is counted from: the sizes that a value has in a step.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_DYNAMICSIZES_H
#define HEED_DIALECTS_ATTN_DYNAMICSIZES_H

#include "dialects/attn/Attn.h"

namespace heed::attn {

/// Returns the size of a dimension in a step. Of dynamic ones the first is B;
/// another is R behind gather_tokens, the readable entries for the results of
/// cache_read, else N.
int64_t getSize(mlir::Value value, unsigned dim, const StepSizes &sizes);

/// Returns the elements of a tensor.
int64_t countElements(mlir::Value value, const StepSizes &sizes);

/// Returns the bytes of tensors; a missing one counts as 0.
int64_t countBytes(mlir::ValueRange values, const StepSizes &sizes);

/// Returns the cache that a value was read from, or null.
CacheReadOp getCacheRead(mlir::Value value);

/// Returns the entries that a sequence with `past` tokens can read.
int64_t countReadable(CacheType type, int64_t past);

} // namespace heed::attn

#endif // HEED_DIALECTS_ATTN_DYNAMICSIZES_H
