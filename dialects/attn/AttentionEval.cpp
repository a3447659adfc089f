//===- AttentionEval.cpp - Softmax attention and its merges evaluated -----===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "heed/Reference/Attention.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;

/// Runs the score region on all scores of a row at once: each scalar of the
/// region stands for a row.
static bool scoreRow(Region &region, EvalFrame &frame,
                     const reference::ScoreRow &row) {
  using reference::Element;
  using reference::Tensor;
  auto wrap = [](Tensor tensor) -> EvalValue {
    return std::make_shared<const Tensor>(std::move(tensor));
  };
  auto number = [&](Element element, double value) {
    return wrap(Tensor::scalar(element, value));
  };
  auto size = static_cast<int64_t>(row.scores.size());
  EvalValue args[] = {wrap(Tensor(Element::F32, size, row.scores.vec())),
                      number(Element::I64, static_cast<double>(row.sequence)),
                      number(Element::I64, static_cast<double>(row.head)),
                      number(Element::I32, row.queryPosition),
                      wrap(Tensor(Element::I32, size, row.keyPositions.vec()))};
  SmallVector<EvalValue> results;
  if (failed(frame.run(region.front(), args, results)))
    return false;
  const Tensor &scores = *std::get<reference::TensorRef>(results.front());
  for (int64_t i = 0; i < size; ++i)
    row.scores[i] = scores.data[scores.shape.empty() ? 0 : i];
  return true;
}

/// Reads the operands and attributes that both attention ops share.
template <typename OpT>
static reference::AttentionInputs readInputs(OpT op, const EvalFrame &frame) {
  reference::AttentionInputs inputs;
  inputs.query = &frame.tensor(op.getQuery());
  inputs.queryPositions = frame.optional(op.getQueryPositions());
  inputs.querySegments = frame.optional(op.getQuerySegments());
  for (auto [i, key] : llvm::enumerate(op.getKeys())) {
    reference::KeySegment &segment = inputs.segments.emplace_back();
    segment.keys = &frame.tensor(key);
    segment.values = &frame.tensor(op.getValues()[i]);
    if (inputs.queryPositions)
      segment.positions = &frame.tensor(op.getKeyPositions()[i]);
    if (inputs.querySegments)
      segment.segments = &frame.tensor(op.getKeySegments()[i]);
  }
  inputs.mask = op.getMask().getTerms();
  inputs.scale = op.getScale().convertToFloat();
  if (std::optional<llvm::APFloat> cap = op.getSoftcap())
    inputs.softcap = cap->convertToFloat();
  return inputs;
}

/// Checks the sizes that are dynamic in the IR: B of all, N and each M.
static LogicalResult checkSizes(Operation *op,
                                const reference::AttentionInputs &inputs) {
  int64_t batch = inputs.query->shape[0], queries = inputs.query->shape[2];
  auto check = [&](const reference::Tensor *tensor, unsigned dim,
                   int64_t count) -> LogicalResult {
    if (!tensor || (tensor->shape[0] == batch && tensor->shape[dim] == count))
      return success();
    return op->emitOpError("found an operand of shape ")
           << reference::printShape(tensor->shape) << ", wanted " << batch
           << " sequences and " << count << " entries";
  };
  if (failed(check(inputs.queryPositions, 1, queries)) ||
      failed(check(inputs.querySegments, 1, queries)))
    return failure();
  for (const reference::KeySegment &segment : inputs.segments) {
    int64_t keys = segment.keys->shape[2];
    if (failed(check(segment.keys, 2, keys)) ||
        failed(check(segment.values, 2, keys)) ||
        failed(check(segment.positions, 1, keys)) ||
        failed(check(segment.segments, 1, keys)))
      return failure();
  }
  return success();
}

/// Attends, or fails after an error within the score region.
template <typename OpT>
static FailureOr<reference::AttentionParts> attend(OpT op, EvalFrame &frame) {
  reference::AttentionInputs inputs = readInputs(op, frame);
  if (failed(checkSizes(op, inputs)))
    return failure();
  auto score = [&](reference::ScoreRow row) {
    return scoreRow(op.getScore(), frame, row);
  };
  if (!op.getScore().empty())
    inputs.score = score;
  std::optional<reference::AttentionParts> parts = reference::attend(inputs);
  if (!parts)
    return failure();
  return std::move(*parts);
}

LogicalResult AttentionOp::evaluate(EvalFrame &frame) {
  FailureOr<reference::AttentionParts> parts = attend(*this, frame);
  if (failed(parts))
    return failure();
  frame.set(getOutput(), parts->output(*getElement(getOutput().getType())));
  if (getLse())
    frame.set(getLse(), parts->logSumExp());
  return success();
}

LogicalResult AttentionPartialOp::evaluate(EvalFrame &frame) {
  FailureOr<reference::AttentionParts> parts = attend(*this, frame);
  if (failed(parts))
    return failure();
  auto setRounded = [&](Value result, reference::Tensor tensor) {
    tensor.element = reference::Element::F32;
    tensor.round();
    frame.set(result, std::move(tensor));
  };
  setRounded(getNumerator(), std::move(parts->numerator));
  setRounded(getMaximum(), std::move(parts->maximum));
  setRounded(getSum(), std::move(parts->sum));
  return success();
}

LogicalResult MergeOp::evaluate(EvalFrame &frame) {
  SmallVector<reference::Attended> parts;
  for (auto [output, lse] : llvm::zip_equal(getOutputs(), getLses()))
    parts.push_back({&frame.tensor(output), &frame.tensor(lse)});
  for (const reference::Attended &part : parts)
    if (part.output->shape != parts.front().output->shape ||
        part.lse->size() != part.output->rows())
      return emitOpError("found an output of shape ")
             << reference::printShape(part.output->shape)
             << " with an lse of shape "
             << reference::printShape(part.lse->shape);
  reference::Tensor lse;
  frame.set(getOutput(), reference::mergeAttention(parts, lse));
  frame.set(getLse(), std::move(lse));
  return success();
}
