//===- BlockEval.cpp - Projections, norms, rotary, ffn evaluated ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "heed/Reference/Block.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;

/// Returns the element type of the result; verifiers admit only known ones.
static reference::Element elementOf(Operation *op) {
  return *getElement(op->getResult(0).getType());
}

static reference::Activation convert(Activation activation) {
  switch (activation) {
  case Activation::Silu:
    return reference::Activation::Silu;
  case Activation::Gelu:
    return reference::Activation::Gelu;
  case Activation::GeluTanh:
    return reference::Activation::GeluTanh;
  case Activation::Relu:
    return reference::Activation::Relu;
  }
  llvm_unreachable("no such activation");
}

/// Checks that `index` has the B of `input` and, unless it is -1, the N.
static LogicalResult checkIndex(Operation *op, const reference::Tensor &input,
                                const reference::Tensor &index, int64_t count) {
  if (index.shape[0] == input.shape[0] &&
      (count == -1 || index.shape[1] == count))
    return success();
  return op->emitOpError("found an input of shape ")
         << reference::printShape(input.shape) << " with positions or rows of "
         << "shape " << reference::printShape(index.shape);
}

LogicalResult EmbedOp::evaluate(EvalFrame &frame) {
  frame.set(getResult(),
            reference::embed(frame.tensor(getTable()), frame.tensor(getIds()),
                             elementOf(*this)));
  return success();
}

LogicalResult GatherTokensOp::evaluate(EvalFrame &frame) {
  if (failed(checkIndex(*this, frame.tensor(getInput()),
                        frame.tensor(getRows()), -1)))
    return failure();
  frame.set(getResult(), reference::gatherTokens(frame.tensor(getInput()),
                                                 frame.tensor(getRows())));
  return success();
}

LogicalResult LinearOp::evaluate(EvalFrame &frame) {
  frame.set(getResult(),
            reference::linear(frame.tensor(getInput()),
                              frame.tensor(getWeight()),
                              frame.optional(getBias()), elementOf(*this)));
  return success();
}

LogicalResult SplitHeadsOp::evaluate(EvalFrame &frame) {
  frame.set(getResult(),
            reference::splitHeads(frame.tensor(getInput()), getHeads()));
  return success();
}

LogicalResult MergeHeadsOp::evaluate(EvalFrame &frame) {
  frame.set(getResult(), reference::mergeHeads(frame.tensor(getInput())));
  return success();
}

LogicalResult NormOp::evaluate(EvalFrame &frame) {
  const reference::Tensor &input = frame.tensor(getInput());
  const reference::Tensor &weight = frame.tensor(getWeight());
  double epsilon = getEpsilon().convertToFloat();
  if (getKind() == NormKind::Rms)
    frame.set(getResult(), reference::rmsNorm(input, weight, epsilon));
  else
    frame.set(getResult(),
              reference::layerNorm(input, weight, frame.optional(getBias()),
                                   epsilon));
  return success();
}

LogicalResult RotaryOp::evaluate(EvalFrame &frame) {
  const reference::Tensor &input = frame.tensor(getInput());
  if (failed(checkIndex(*this, input, frame.tensor(getPositions()),
                        input.shape[2])))
    return failure();
  frame.set(getResult(), reference::rotary(frame.tensor(getInput()),
                                           frame.tensor(getPositions()),
                                           frame.tensor(getInvFreq()),
                                           getAmplitude().convertToFloat()));
  return success();
}

LogicalResult FfnOp::evaluate(EvalFrame &frame) {
  frame.set(getResult(), reference::feedForward(
                             convert(getActivation()), frame.tensor(getInput()),
                             frame.tensor(getUp()), frame.tensor(getDown()),
                             frame.optional(getGate())));
  return success();
}
