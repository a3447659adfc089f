//===- UpstreamEval.cpp - Upstream ops that models may use ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The whitelist: every upstream op that may stand in a model, with its
/// meaning. Elementwise ops work on scalars and tensors alike; a scalar meets
/// each element of a tensor, which is how a region on scalars runs on rows.
///
//===----------------------------------------------------------------------===//

#include "dialects/interfaces/EvalInterface.h"
#include "dialects/interfaces/TensorEval.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

#include <cmath>

using namespace mlir;

namespace heed {

using reference::Element;
using reference::Tensor;

namespace {

using Unary = double (*)(double);
using Binary = double (*)(double, double);
using Special = LogicalResult (*)(Operation *, EvalFrame &);

/// One line of the whitelist; one of the three is set.
struct Entry {
  StringLiteral name;
  Unary unary = nullptr;
  Binary binary = nullptr;
  Special special = nullptr;

  constexpr Entry(StringLiteral name, Unary unary) : name(name), unary(unary) {}
  constexpr Entry(StringLiteral name, Binary binary)
      : name(name), binary(binary) {}
  constexpr Entry(StringLiteral name, Special special)
      : name(name), special(special) {}
};

} // namespace

//===----------------------------------------------------------------------===//
// Numbers
//===----------------------------------------------------------------------===//

static double same(double a) { return a; }
static double negate(double a) { return -a; }
static double reciprocalRoot(double a) { return 1 / std::sqrt(a); }
static double add(double a, double b) { return a + b; }
static double subtract(double a, double b) { return a - b; }
static double multiply(double a, double b) { return a * b; }
static double divide(double a, double b) { return a / b; }
static double bitAnd(double a, double b) {
  return static_cast<double>(static_cast<int64_t>(a) & static_cast<int64_t>(b));
}
static double bitOr(double a, double b) {
  return static_cast<double>(static_cast<int64_t>(a) | static_cast<int64_t>(b));
}
static double bitXor(double a, double b) {
  return static_cast<double>(static_cast<int64_t>(a) ^ static_cast<int64_t>(b));
}

/// NaN if either is, and -0 is below +0.
static double maximum(double a, double b) {
  if (std::isnan(a) || std::isnan(b))
    return std::nan("");
  if (a == b)
    return std::signbit(a) ? b : a;
  return a > b ? a : b;
}
static double minimum(double a, double b) { return -maximum(-a, -b); }

/// Brings an integer into the range of its type, two's complement.
static double wrap(Element element, double value) {
  if (element == Element::I32)
    return static_cast<int32_t>(static_cast<int64_t>(value));
  if (element == Element::I1)
    return static_cast<double>(static_cast<int64_t>(value) & 1);
  return value;
}

//===----------------------------------------------------------------------===//
// Elementwise ops
//===----------------------------------------------------------------------===//

/// Returns element `i`, or the only one.
static double elementOf(const Tensor &tensor, int64_t i) {
  return tensor.data[tensor.shape.empty() ? 0 : i];
}

/// Evaluates `compute(i)` for all elements of the result, whose shape is that
/// of the first operand that is no scalar.
static LogicalResult forEachElement(Operation *op, EvalFrame &frame,
                                    function_ref<double(int64_t)> compute) {
  std::optional<Element> element = getElement(op->getResult(0).getType());
  if (!element)
    return op->emitOpError(
        "has a result type that the reference does not hold");
  const Tensor *shaped = nullptr;
  for (Value operand : op->getOperands()) {
    const Tensor &tensor = frame.tensor(operand);
    if (tensor.shape.empty())
      continue;
    if (shaped && shaped->shape != tensor.shape)
      return op->emitOpError("found operands of shapes ")
             << reference::printShape(shaped->shape) << " and "
             << reference::printShape(tensor.shape);
    shaped = &tensor;
  }
  Tensor result(*element, shaped ? ArrayRef<int64_t>(shaped->shape)
                                 : ArrayRef<int64_t>());
  for (int64_t i = 0, e = result.size(); i < e; ++i)
    result.data[i] = wrap(*element, compute(i));
  result.round();
  frame.set(op->getResult(0), std::move(result));
  return success();
}

static LogicalResult evaluateConstant(Operation *op, EvalFrame &frame) {
  FailureOr<Tensor> value =
      readConstant(cast<arith::ConstantOp>(op).getValue());
  if (failed(value))
    return op->emitOpError("is a constant that the reference does not hold");
  frame.set(op->getResult(0), std::move(*value));
  return success();
}

static LogicalResult evaluateSelect(Operation *op, EvalFrame &frame) {
  const Tensor &condition = frame.tensor(op->getOperand(0));
  const Tensor &yes = frame.tensor(op->getOperand(1));
  const Tensor &no = frame.tensor(op->getOperand(2));
  return forEachElement(op, frame, [&](int64_t i) {
    return elementOf(condition, i) != 0 ? elementOf(yes, i) : elementOf(no, i);
  });
}

/// Returns for which outcomes a predicate holds: bit 0 equal, bit 1 greater,
/// bit 2 less, bit 3 unordered.
static unsigned outcomesOf(arith::CmpFPredicate predicate) {
  auto number = static_cast<unsigned>(predicate);
  if (predicate == arith::CmpFPredicate::UNO)
    return 8;
  if (predicate == arith::CmpFPredicate::AlwaysTrue)
    return 15;
  // UEQ to UNE follow OEQ to ONE in the same order, seven numbers later.
  return number < 8 ? number : (number - 7) | 8;
}

static LogicalResult evaluateCompareFloats(Operation *op, EvalFrame &frame) {
  const Tensor &a = frame.tensor(op->getOperand(0));
  const Tensor &b = frame.tensor(op->getOperand(1));
  unsigned outcomes = outcomesOf(cast<arith::CmpFOp>(op).getPredicate());
  return forEachElement(op, frame, [&](int64_t i) {
    double x = elementOf(a, i), y = elementOf(b, i);
    unsigned outcome = x == y ? 0 : x > y ? 1 : x < y ? 2 : 3;
    return static_cast<double>(outcomes >> outcome & 1);
  });
}

static bool compare(arith::CmpIPredicate predicate, int64_t a, int64_t b) {
  auto ua = static_cast<uint64_t>(a), ub = static_cast<uint64_t>(b);
  switch (predicate) {
  case arith::CmpIPredicate::eq:
    return a == b;
  case arith::CmpIPredicate::ne:
    return a != b;
  case arith::CmpIPredicate::slt:
    return a < b;
  case arith::CmpIPredicate::sle:
    return a <= b;
  case arith::CmpIPredicate::sgt:
    return a > b;
  case arith::CmpIPredicate::sge:
    return a >= b;
  case arith::CmpIPredicate::ult:
    return ua < ub;
  case arith::CmpIPredicate::ule:
    return ua <= ub;
  case arith::CmpIPredicate::ugt:
    return ua > ub;
  case arith::CmpIPredicate::uge:
    return ua >= ub;
  }
  llvm_unreachable("no such predicate");
}

static LogicalResult evaluateCompareIntegers(Operation *op, EvalFrame &frame) {
  const Tensor &a = frame.tensor(op->getOperand(0));
  const Tensor &b = frame.tensor(op->getOperand(1));
  auto predicate = cast<arith::CmpIOp>(op).getPredicate();
  return forEachElement(op, frame, [&](int64_t i) {
    return compare(predicate, static_cast<int64_t>(elementOf(a, i)),
                   static_cast<int64_t>(elementOf(b, i)));
  });
}

//===----------------------------------------------------------------------===//
// The table
//===----------------------------------------------------------------------===//

static constexpr Entry kWhitelist[] = {
    {"arith.addf", add},
    {"arith.addi", add},
    {"arith.andi", bitAnd},
    {"arith.cmpf", evaluateCompareFloats},
    {"arith.cmpi", evaluateCompareIntegers},
    {"arith.constant", evaluateConstant},
    {"arith.divf", divide},
    {"arith.extf", same},
    {"arith.extsi", same},
    {"arith.fptosi", std::trunc},
    {"arith.index_cast", same},
    {"arith.maximumf", maximum},
    {"arith.maxnumf", std::fmax},
    {"arith.maxsi", std::fmax},
    {"arith.minimumf", minimum},
    {"arith.minnumf", std::fmin},
    {"arith.minsi", std::fmin},
    {"arith.mulf", multiply},
    {"arith.muli", multiply},
    {"arith.negf", negate},
    {"arith.ori", bitOr},
    {"arith.select", evaluateSelect},
    {"arith.sitofp", same},
    {"arith.subf", subtract},
    {"arith.subi", subtract},
    {"arith.truncf", same},
    {"arith.trunci", same},
    {"arith.xori", bitXor},
    {"math.absf", std::fabs},
    {"math.cos", std::cos},
    {"math.erf", std::erf},
    {"math.exp", std::exp},
    {"math.exp2", std::exp2},
    {"math.log", std::log},
    {"math.log1p", std::log1p},
    {"math.log2", std::log2},
    {"math.powf", std::pow},
    {"math.rsqrt", reciprocalRoot},
    {"math.sin", std::sin},
    {"math.sqrt", std::sqrt},
    {"math.tanh", std::tanh},
    {"tensor.cast", evaluateTensorCast},
    {"tensor.collapse_shape", evaluateReshape},
    {"tensor.concat", evaluateConcat},
    {"tensor.dim", evaluateDim},
    {"tensor.empty", evaluateEmpty},
    {"tensor.expand_shape", evaluateReshape},
    {"tensor.extract_slice", evaluateExtractSlice},
    {"tensor.from_elements", evaluateFromElements},
    {"tensor.insert_slice", evaluateInsertSlice},
    {"tensor.splat", evaluateSplat},
};

static const Entry *lookup(StringRef name) {
  const Entry *found = llvm::find_if(
      kWhitelist, [&](const Entry &entry) { return entry.name == name; });
  return found == std::end(kWhitelist) ? nullptr : found;
}

bool isUpstreamEvaluable(StringRef name) { return lookup(name) != nullptr; }

LogicalResult evaluateUpstream(Operation *op, EvalFrame &frame, bool &known) {
  const Entry *entry = lookup(op->getName().getStringRef());
  known = entry != nullptr;
  if (!entry)
    return failure();
  if (entry->special)
    return entry->special(op, frame);
  const Tensor &a = frame.tensor(op->getOperand(0));
  if (entry->unary)
    return forEachElement(
        op, frame, [&](int64_t i) { return entry->unary(elementOf(a, i)); });
  const Tensor &b = frame.tensor(op->getOperand(1));
  return forEachElement(op, frame, [&](int64_t i) {
    return entry->binary(elementOf(a, i), elementOf(b, i));
  });
}

} // namespace heed
