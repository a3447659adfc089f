//===- BlockCost.cpp - Projections, norms, rotary, ffn counted ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "dialects/attn/DynamicSizes.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;

/// Returns the product of all sizes of a tensor but the last.
static int64_t countRows(Value value, const StepSizes &sizes) {
  return countElements(value, sizes) /
         cast<ShapedType>(value.getType()).getShape().back();
}

Counts EmbedOp::getCounts(const StepSizes &sizes) {
  Counts counts;
  // Only the rows that are looked up.
  int64_t row = getTable().getType().getDimSize(1);
  counts.weightBytes =
      countElements(getIds(), sizes) * row *
      reference::elementBytes(*getElement(getTable().getType()));
  counts.activationBytes = countBytes({getIds(), getResult()}, sizes);
  return counts;
}

Counts GatherTokensOp::getCounts(const StepSizes &sizes) {
  Counts counts;
  counts.activationBytes =
      2 * countBytes(getResult(), sizes) +
      countElements(getResult(), sizes) / getType().getDimSize(2) * 4;
  return counts;
}

Counts LinearOp::getCounts(const StepSizes &sizes) {
  Counts counts;
  counts.multiplyAdds =
      countRows(getInput(), sizes) * getWeight().getType().getNumElements();
  counts.weightBytes = countBytes({getWeight(), getBias()}, sizes);
  counts.activationBytes = countBytes({getInput(), getResult()}, sizes);
  return counts;
}

// Views move nothing.
Counts SplitHeadsOp::getCounts(const StepSizes &) { return {}; }
Counts MergeHeadsOp::getCounts(const StepSizes &) { return {}; }

Counts NormOp::getCounts(const StepSizes &sizes) {
  Counts counts;
  counts.weightBytes = countBytes({getWeight(), getBias()}, sizes);
  counts.activationBytes = countBytes({getInput(), getResult()}, sizes);
  return counts;
}

Counts RotaryOp::getCounts(const StepSizes &sizes) {
  Counts counts;
  counts.weightBytes = countBytes(getInvFreq(), sizes);
  counts.activationBytes =
      countBytes({getInput(), getPositions(), getResult()}, sizes);
  return counts;
}

Counts FfnOp::getCounts(const StepSizes &sizes) {
  Counts counts;
  int64_t weights =
      getUp().getType().getNumElements() + getDown().getType().getNumElements();
  if (getGate())
    weights += getGate().getType().getNumElements();
  counts.multiplyAdds = countRows(getInput(), sizes) * weights;
  counts.weightBytes = countBytes({getUp(), getDown(), getGate()}, sizes);
  counts.activationBytes = countBytes({getInput(), getResult()}, sizes);
  return counts;
}
