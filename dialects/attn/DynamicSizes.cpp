//===- DynamicSizes.cpp - Sizes of tensors in a step ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/DynamicSizes.h"

#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace heed::attn {

CacheReadOp getCacheRead(Value value) {
  return value.getDefiningOp<CacheReadOp>();
}

int64_t countReadable(CacheType type, int64_t past) {
  return countCacheEntries(getFieldShapes(type).front(), past);
}

/// Says whether the tokens of a value are chosen rows: whether gather_tokens
/// stands behind it, with ops between that keep tokens apart.
static bool isGathered(Value value) {
  while (Operation *op = value.getDefiningOp()) {
    if (isa<GatherTokensOp>(op))
      return true;
    bool keepsTokens =
        isa<LinearOp, NormOp, FfnOp, SplitHeadsOp, MergeHeadsOp>(op) ||
        op->hasTrait<OpTrait::Elementwise>();
    if (!keepsTokens || op->getNumOperands() == 0)
      return false;
    value = op->getOperand(0);
  }
  return false;
}

int64_t getSize(Value value, unsigned dim, const StepSizes &sizes) {
  int64_t size = cast<ShapedType>(value.getType()).getDimSize(dim);
  if (ShapedType::isStatic(size))
    return size;
  if (dim == 0)
    return sizes.batch;
  if (CacheReadOp read = getCacheRead(value))
    return countReadable(read.getCache().getType(), sizes.past);
  return isGathered(value) ? sizes.rows : sizes.tokens;
}

int64_t countElements(Value value, const StepSizes &sizes) {
  int64_t count = 1;
  for (int64_t dim = 0, e = cast<ShapedType>(value.getType()).getRank();
       dim < e; ++dim)
    count *= getSize(value, dim, sizes);
  return count;
}

int64_t countBytes(ValueRange values, const StepSizes &sizes) {
  int64_t bytes = 0;
  for (Value value : values)
    if (value)
      bytes += countElements(value, sizes) *
               reference::elementBytes(*getElement(value.getType()));
  return bytes;
}

} // namespace heed::attn
