//===- BlockOps.cpp - Embedding, projections, norms, rotary, ffn ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "dialects/attn/Extents.h"

using namespace mlir;
using namespace heed::attn;

/// Checks that an element type is that of `operand`, or f32.
static LogicalResult keepOrWiden(Operation *op, Type result, Type operand,
                                 StringRef owner) {
  if (result == operand || result.isF32())
    return success();
  return op->emitOpError("expects a result of element type ")
         << operand << " as in " << owner << ", or f32, got " << result;
}

LogicalResult EmbedOp::verify() {
  RankedTensorType table = getTable().getType(), result = getType();
  // (C1)
  if (failed(beStatic(*this, "vocabulary", table.getDimSize(0))) ||
      failed(beStatic(*this, "width", table.getDimSize(1))) ||
      failed(agree(
          *this, "width",
          {{"table", table.getDimSize(1)}, {"result", result.getDimSize(2)}})))
    return failure();
  for (unsigned dim : {0, 1})
    if (failed(agree(*this, dim ? "number of tokens" : "batch size",
                     {{"ids", getIds().getType().getDimSize(dim)},
                      {"result", result.getDimSize(dim)}})))
      return failure();
  // (C2)
  return keepOrWiden(*this, result.getElementType(), table.getElementType(),
                     "table");
}

LogicalResult GatherTokensOp::verify() {
  RankedTensorType input = getInput().getType(), rows = getRows().getType(),
                   result = getType();
  // (C1)
  if (failed(agree(*this, "batch size",
                   {{"input", input.getDimSize(0)},
                    {"rows", rows.getDimSize(0)},
                    {"result", result.getDimSize(0)}})) ||
      failed(agree(
          *this, "number of rows",
          {{"rows", rows.getDimSize(1)}, {"result", result.getDimSize(1)}})) ||
      failed(agree(
          *this, "width",
          {{"input", input.getDimSize(2)}, {"result", result.getDimSize(2)}})))
    return failure();
  return agreeOnElements(*this, {{"input", input}, {"result", result}});
}

LogicalResult LinearOp::verify() {
  RankedTensorType input = getInput().getType(), weight = getWeight().getType(),
                   result = getType();
  // (C1)
  if (input.getRank() < 1 || input.getRank() != result.getRank())
    return emitOpError("expects input and result of one rank, got ")
           << input.getRank() << " and " << result.getRank();
  int64_t last = input.getRank() - 1;
  if (failed(beStatic(*this, "number of inputs", weight.getDimSize(1))) ||
      failed(beStatic(*this, "number of outputs", weight.getDimSize(0))) ||
      failed(agree(*this, "number of inputs",
                   {{"weight", weight.getDimSize(1)},
                    {"input", input.getDimSize(last)}})) ||
      failed(agree(*this, "number of outputs",
                   {{"weight", weight.getDimSize(0)},
                    {"result", result.getDimSize(last)}})))
    return failure();
  for (int64_t dim = 0; dim < last; ++dim)
    if (failed(agree(*this, "leading dimension",
                     {{"input", input.getDimSize(dim)},
                      {"result", result.getDimSize(dim)}})))
      return failure();
  // (C2)
  if (failed(agreeOnElements(*this, {{"input", input}, {"weight", weight}})))
    return failure();
  if (Value bias = getBias()) {
    auto type = cast<RankedTensorType>(bias.getType());
    if (failed(agree(*this, "number of outputs",
                     {{"weight", weight.getDimSize(0)},
                      {"bias", type.getDimSize(0)}})) ||
        failed(agreeOnElements(*this, {{"input", input}, {"bias", type}})))
      return failure();
  }
  return keepOrWiden(*this, result.getElementType(), input.getElementType(),
                     "input");
}

LogicalResult SplitHeadsOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> location,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto input = dyn_cast<RankedTensorType>(adaptor.getInput().getType());
  int64_t heads = adaptor.getHeads();
  // (C1)
  if (!input || input.getRank() != 3)
    return emitOptionalError(location, "found ", adaptor.getInput().getType(),
                             ", wanted B x N x C");
  int64_t width = input.getDimSize(2);
  if (heads < 1 || ShapedType::isDynamic(width) || width % heads != 0)
    return emitOptionalError(location, "found ", heads, " heads for ", input,
                             ", wanted a divisor of its static width");
  types.push_back(RankedTensorType::get(
      {input.getDimSize(0), heads, input.getDimSize(1), width / heads},
      input.getElementType()));
  return success();
}

LogicalResult MergeHeadsOp::inferReturnTypes(MLIRContext *,
                                             std::optional<Location> location,
                                             Adaptor adaptor,
                                             SmallVectorImpl<Type> &types) {
  auto input = dyn_cast<RankedTensorType>(adaptor.getInput().getType());
  // (C1)
  if (!input || input.getRank() != 4 || input.isDynamicDim(1) ||
      input.isDynamicDim(3))
    return emitOptionalError(location, "found ", adaptor.getInput().getType(),
                             ", wanted static heads and width");
  types.push_back(
      RankedTensorType::get({input.getDimSize(0), input.getDimSize(2),
                             input.getDimSize(1) * input.getDimSize(3)},
                            input.getElementType()));
  return success();
}

/// Checks that a constant of an op is an ordinary number; `positive` also that
/// it is above zero.
static LogicalResult beFinite(Operation *op, StringRef what,
                              const llvm::APFloat &value, bool positive) {
  if (value.isFinite() &&
      (!positive || (!value.isNegative() && !value.isZero())))
    return success();
  return op->emitOpError("expects a ")
         << (positive ? "positive and " : "") << "finite " << what << ", got "
         << value.convertToDouble();
}

LogicalResult NormOp::verify() {
  RankedTensorType input = getInput().getType();
  if (input.getRank() < 1)
    return emitOpError("expects an input of rank 1 or more, got ") << input;
  int64_t width = input.getDimSize(input.getRank() - 1);
  // (C1)
  SmallVector<OwnedType> parameters = {{"weight", getWeight().getType()}};
  if (getBias())
    parameters.push_back({"bias", getBias().getType()});
  for (const OwnedType &parameter : parameters)
    if (failed(agree(*this, "width",
                     {{"input", width},
                      {parameter.owner,
                       cast<ShapedType>(parameter.type).getDimSize(0)}})) ||
        failed(agreeOnElements(*this, {{"input", input}, parameter})))
      return failure();
  if (failed(beStatic(*this, "width", width)))
    return failure();
  // (C2)
  if (getBias() && getKind() != NormKind::Layer)
    return emitOpError("expects a bias only in 'layer', got one in '")
           << stringifyNormKind(getKind()) << "'";
  // (C3)
  return beFinite(*this, "epsilon", getEpsilon(), /*positive=*/true);
}

LogicalResult RotaryOp::verify() {
  RankedTensorType input = getInput().getType();
  int64_t rotated = getInvFreq().getType().getDimSize(0);
  int64_t width = input.getDimSize(3);
  if (failed(beStatic(*this, "width", width)) ||
      failed(beStatic(*this, "number of frequencies", rotated)) ||
      failed(agree(*this, "batch size",
                   {{"input", input.getDimSize(0)},
                    {"positions", getPositions().getType().getDimSize(0)}})) ||
      failed(agree(*this, "number of tokens",
                   {{"input", input.getDimSize(2)},
                    {"positions", getPositions().getType().getDimSize(1)}})))
    return failure();
  // (C1)
  if (rotated < 1 || 2 * rotated > width)
    return emitOpError("expects 1 to ")
           << width / 2 << " frequencies for a width of " << width << ", got "
           << rotated;
  // (C2)
  return beFinite(*this, "amplitude", getAmplitude(), /*positive=*/false);
}

LogicalResult FfnOp::verify() {
  RankedTensorType input = getInput().getType(), up = getUp().getType(),
                   down = getDown().getType();
  // (C1)
  SmallVector<Extent> outer = {{"input", input.getDimSize(2)},
                               {"up", up.getDimSize(1)},
                               {"down", down.getDimSize(0)}};
  SmallVector<Extent> inner = {{"up", up.getDimSize(0)},
                               {"down", down.getDimSize(1)}};
  // (C2)
  SmallVector<OwnedType> types = {{"input", input}, {"up", up}, {"down", down}};
  if (Value gate = getGate()) {
    auto type = cast<RankedTensorType>(gate.getType());
    outer.push_back({"gate", type.getDimSize(1)});
    inner.push_back({"gate", type.getDimSize(0)});
    types.push_back({"gate", type});
  }
  if (failed(agree(*this, "width", outer)) ||
      failed(agree(*this, "inner width", inner)) ||
      failed(beStatic(*this, "width", up.getDimSize(1))) ||
      failed(beStatic(*this, "inner width", up.getDimSize(0))))
    return failure();
  return agreeOnElements(*this, types);
}
