//===- EvalInterface.cpp - Ops that the reference runs --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/interfaces/EvalInterface.h"

#include "mlir/IR/BuiltinAttributes.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

#include "dialects/interfaces/EvalInterface.cpp.inc"

namespace heed {

using reference::CacheValue;
using reference::Element;
using reference::Tensor;
using reference::TensorRef;

const EvalValue &EvalFrame::get(Value value) const {
  auto found = values.find(value);
  assert(found != values.end() && "values are set before their uses");
  return found->second;
}

const Tensor &EvalFrame::tensor(Value value) const {
  return *std::get<TensorRef>(get(value));
}

const Tensor *EvalFrame::optional(Value value) const {
  return value ? &tensor(value) : nullptr;
}

const CacheValue &EvalFrame::cache(Value value) const {
  return std::get<CacheValue>(get(value));
}

void EvalFrame::set(Value value, EvalValue content) {
  values.insert_or_assign(value, std::move(content));
}

void EvalFrame::set(Value value, Tensor tensor) {
  set(value, EvalValue(std::make_shared<const Tensor>(std::move(tensor))));
}

LogicalResult EvalFrame::run(Block &block, ArrayRef<EvalValue> args,
                             SmallVectorImpl<EvalValue> &results) {
  assert(args.size() == block.getNumArguments() && "one value each");
  for (auto [argument, value] : llvm::zip_equal(block.getArguments(), args))
    set(argument, value);
  for (Operation &op : block.without_terminator())
    if (failed(evaluateOp(&op, *this)))
      return failure();
  results.clear();
  for (Value value : block.getTerminator()->getOperands())
    results.push_back(get(value));
  // Nothing outside can refer to them.
  for (BlockArgument argument : block.getArguments())
    values.erase(argument);
  for (Operation &op : block.without_terminator())
    for (Value value : op.getResults())
      values.erase(value);
  return success();
}

LogicalResult evaluateOp(Operation *op, EvalFrame &frame) {
  if (auto evaluable = dyn_cast<EvalInterface>(op))
    return evaluable.evaluate(frame);
  bool known;
  LogicalResult result = evaluateUpstream(op, frame, known);
  if (!known)
    return op->emitOpError("is not among the ops that the reference runs");
  return result;
}

bool isEvaluable(Operation *op) {
  return isa<EvalInterface>(op) || op->hasTrait<OpTrait::ReturnLike>() ||
         isUpstreamEvaluable(op->getName().getStringRef());
}

std::optional<Element> getElement(Type type) {
  type = getElementTypeOrSelf(type);
  if (type.isF64())
    return Element::F64;
  if (type.isF32())
    return Element::F32;
  if (type.isBF16())
    return Element::BF16;
  if (type.isF16())
    return Element::F16;
  if (type.isInteger(64) || type.isIndex())
    return Element::I64;
  if (type.isInteger(32))
    return Element::I32;
  if (type.isInteger(1))
    return Element::I1;
  return std::nullopt;
}

/// Returns the value of one element of a constant.
static double numberOf(const APFloat &value) {
  APFloat wide = value;
  bool inexact;
  wide.convert(APFloat::IEEEdouble(), APFloat::rmNearestTiesToEven, &inexact);
  return wide.convertToDouble();
}

static double numberOf(const APInt &value) {
  if (value.getBitWidth() == 1)
    return value.getBoolValue();
  return static_cast<double>(value.getSExtValue());
}

FailureOr<Tensor> readConstant(Attribute value) {
  auto typed = dyn_cast<TypedAttr>(value);
  std::optional<Element> element;
  if (typed)
    element = getElement(typed.getType());
  if (!element)
    return failure();
  if (auto number = dyn_cast<FloatAttr>(value))
    return Tensor::scalar(*element, numberOf(number.getValue()));
  if (auto number = dyn_cast<IntegerAttr>(value))
    return Tensor::scalar(*element, numberOf(number.getValue()));
  auto dense = dyn_cast<DenseElementsAttr>(value);
  if (!dense)
    return failure();
  std::vector<double> numbers;
  numbers.reserve(dense.getNumElements());
  if (reference::isFloat(*element)) {
    for (const APFloat &number : dense.getValues<APFloat>())
      numbers.push_back(numberOf(number));
  } else {
    for (const APInt &number : dense.getValues<APInt>())
      numbers.push_back(numberOf(number));
  }
  return Tensor(*element, dense.getType().getShape(), std::move(numbers));
}

} // namespace heed
