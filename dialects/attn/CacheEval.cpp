//===- CacheEval.cpp - Reading and appending to caches evaluated ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;

FailureOr<reference::CacheLayout> attn::getCacheLayout(CacheType type) {
  const CacheField &first = type.getFields().front();
  if (first.rate != CacheRate::Token && first.rate != CacheRate::Ring)
    return failure();
  reference::CacheLayout layout;
  layout.window = first.window;
  layout.sinks = first.sinks;
  for (const CacheField &field : type.getFields()) {
    std::optional<reference::Element> element =
        getElement(field.getElementType());
    if (!element || field.rate != first.rate || field.window != first.window ||
        field.sinks != first.sinks || field.untilDecode != first.untilDecode)
      return failure();
    layout.fields.push_back({field.getHeads(), field.getWidth(), *element});
  }
  return layout;
}

/// Refuses to touch, in decode, what was released before.
static LogicalResult checkPhase(Operation *op, CacheType type,
                                EvalFrame &frame) {
  if (frame.getContext().phase == EvalPhase::Prefill ||
      !type.getFields().front().untilDecode)
    return success();
  return op->emitOpError("found a cache kept until decode in the phase decode");
}

LogicalResult CacheReadOp::evaluate(EvalFrame &frame) {
  if (failed(checkPhase(*this, getCache().getType(), frame)))
    return failure();
  std::vector<reference::Tensor> contents = frame.cache(getCache()).read();
  for (auto [result, tensor] : llvm::zip_equal(getResults(), contents))
    frame.set(result, std::move(tensor));
  return success();
}

LogicalResult CacheAppendOp::evaluate(EvalFrame &frame) {
  if (failed(checkPhase(*this, getCache().getType(), frame)))
    return failure();
  auto refOf = [&](Value value) {
    return std::get<reference::TensorRef>(frame.get(value));
  };
  reference::CacheAppend tokens;
  tokens.positions = refOf(getPositions());
  for (Value value : getValues())
    tokens.values.push_back(refOf(value));
  ArrayRef<int64_t> wanted = tokens.positions->shape;
  if (wanted[0] != frame.cache(getCache()).getBatch())
    return emitOpError("found positions of shape ")
           << reference::printShape(wanted) << " for "
           << frame.cache(getCache()).getBatch() << " sequences";
  for (const reference::TensorRef &value : tokens.values)
    if (value->shape[0] != wanted[0] || value->shape[2] != wanted[1])
      return emitOpError("found values of shape ")
             << reference::printShape(value->shape)
             << " for positions of shape " << reference::printShape(wanted);
  frame.set(getResult(),
            EvalValue(frame.cache(getCache()).append(std::move(tokens))));
  return success();
}
