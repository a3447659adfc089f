//===- EmitGroup.cpp - Elementwise ops and reductions ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Ops of one shape and layout gather in a group until something needs a result
/// of theirs as a whole; then the group becomes one loop. Only what is used
/// outside of it is written to memory.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/KernelEmitter.h"

#include "passes/lower/kernel/ExpandMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace heed::cpu {
namespace {

/// The tile over whose elements `op` runs.
Value spaceOf(Operation *op) {
  if (auto reduce = dyn_cast<tile::ReduceOp>(op))
    return reduce.getSource();
  return op->getResult(0);
}

/// Whether `reduce` combines vectors (and not lanes).
bool isVertical(tile::ReduceOp reduce, Layout layout) {
  return (reduce.getDimension() == 0) == (layout == Layout::Rows);
}

/// How an op depends on a group: not at all, on values of the same vector, or
/// on what is known only after the loop.
enum class Dependence { None, Vector, Whole };

Dependence dependenceOf(Value value, const Group &group) {
  Operation *def = resolve(value).getDefiningOp();
  if (!def)
    return Dependence::None;
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(def))
    return dependenceOf(broadcast.getSource(), group) == Dependence::None
               ? Dependence::None
               : Dependence::Whole;
  if (!group.contains(def))
    return Dependence::None;
  return isa<tile::ReduceOp>(def) ? Dependence::Whole : Dependence::Vector;
}

Dependence dependenceOf(Operation *op, const Group &group) {
  Dependence strongest = Dependence::None;
  for (Value operand : op->getOperands())
    strongest = std::max(strongest, dependenceOf(operand, group));
  return strongest;
}

/// Whether `reduce` runs in the direction of the group's other reductions.
bool sameDirection(tile::ReduceOp reduce, const Group &group) {
  return llvm::all_of(group.ops, [&](Operation *other) {
    auto reduction = dyn_cast<tile::ReduceOp>(other);
    return !reduction || isVertical(reduction, group.layout) ==
                             isVertical(reduce, group.layout);
  });
}

} // namespace

//===----------------------------------------------------------------------===//
// Gathering
//===----------------------------------------------------------------------===//

void KernelEmitter::addToGroup(Operation *op) {
  Value space = spaceOf(op);
  auto type = cast<RankedTensorType>(space.getType());
  Group alone;
  alone.layout = layouts.of(space);
  bool columns = alone.layout == Layout::Columns;
  bool isMatrix = type.getRank() == 2;
  alone.vectors = isMatrix ? type.getDimSize(columns) : 1;
  alone.lanes = isMatrix ? type.getDimSize(!columns) : type.getDimSize(0);
  alone.ops = {op};
  if (group.ops.empty()) {
    group = std::move(alone);
    return;
  }
  Dependence dependence = dependenceOf(op, group);
  bool fits = group.vectors == alone.vectors && group.lanes == alone.lanes &&
              group.layout == alone.layout;
  if (auto reduce = dyn_cast<tile::ReduceOp>(op))
    fits &= sameDirection(reduce, group);
  if (fits && dependence != Dependence::Whole) {
    group.ops.push_back(op);
    return;
  }
  // A 1-D op that does not need the group may go before it.
  if (!isMatrix && dependence == Dependence::None)
    return emitGroup(alone);
  flush();
  group = std::move(alone);
}

void KernelEmitter::flush() {
  if (group.ops.empty())
    return;
  Group full = std::move(group);
  group = Group();
  emitGroup(full);
}

//===----------------------------------------------------------------------===//
// Loops
//===----------------------------------------------------------------------===//

/// The neutral element of `kind`.
static TypedAttr neutral(Builder &b, tile::ReduceKind kind, Type element) {
  bool isFloat = element.isF32();
  if (kind == tile::ReduceKind::Add)
    return b.getZeroAttr(element);
  bool isMax = kind == tile::ReduceKind::Max;
  float infinity = std::numeric_limits<float>::infinity();
  if (isFloat)
    return b.getF32FloatAttr(isMax ? -infinity : infinity);
  return b.getI32IntegerAttr(isMax ? std::numeric_limits<int32_t>::min()
                                   : std::numeric_limits<int32_t>::max());
}

/// Combines two vectors of f32 or i32 lane by lane.
static Value combine(ImplicitLocOpBuilder &b, tile::ReduceKind kind, Value x,
                     Value acc) {
  bool isFloat = isa<FloatType>(getElementTypeOrSelf(x.getType()));
  if (kind == tile::ReduceKind::Add)
    return isFloat ? arith::AddFOp::create(b, x, acc).getResult()
                   : arith::AddIOp::create(b, x, acc).getResult();
  bool isMax = kind == tile::ReduceKind::Max;
  if (!isFloat)
    return isMax ? arith::MaxSIOp::create(b, x, acc).getResult()
                 : arith::MinSIOp::create(b, x, acc).getResult();
  // As the machine's maximum: one instruction, NaN in `x` is passed over.
  Value better = arith::CmpFOp::create(
      b, isMax ? arith::CmpFPredicate::OGT : arith::CmpFPredicate::OLT, x, acc);
  return arith::SelectOp::create(b, better, x, acc);
}

/// Combines the lanes of `x`.
static Value combineLanes(ImplicitLocOpBuilder &b, tile::ReduceKind kind,
                          Value x) {
  bool isFloat = cast<VectorType>(x.getType()).getElementType().isF32();
  auto combining = vector::CombiningKind::ADD;
  if (kind == tile::ReduceKind::Max)
    combining =
        isFloat ? vector::CombiningKind::MAXNUMF : vector::CombiningKind::MAXSI;
  if (kind == tile::ReduceKind::Min)
    combining =
        isFloat ? vector::CombiningKind::MINNUMF : vector::CombiningKind::MINSI;
  // Without leave to reassociate, a sum is a serial chain.
  auto fast = isFloat && kind == tile::ReduceKind::Add
                  ? arith::FastMathFlags::reassoc
                  : arith::FastMathFlags::none;
  return vector::ReductionOp::create(b, combining, x, fast);
}

static SmallVector<tile::ReduceOp> reductionsOf(const Group &group) {
  SmallVector<tile::ReduceOp> reductions;
  for (Operation *op : group.ops)
    if (auto reduce = dyn_cast<tile::ReduceOp>(op))
      reductions.push_back(reduce);
  return reductions;
}

void KernelEmitter::emitGroup(Group &full) {
  for (Operation *op : full.ops) {
    Value result = op->getResult(0);
    bool isUsedOutside = !allUses(
        result, [&](OpOperand &use) { return full.contains(use.getOwner()); });
    if (isUsedOutside || isa<tile::ReduceOp>(op))
      buffers[result] =
          allocate(cast<RankedTensorType>(result.getType()), full.layout);
  }
  int64_t width = largestDivisor(full.lanes, 2 * unit.lanes);
  if (full.lanes % unit.lanes == 0 && width % unit.lanes != 0)
    width = unit.lanes;
  SmallVector<tile::ReduceOp> reductions = reductionsOf(full);
  bool vertical =
      !reductions.empty() && isVertical(reductions.front(), full.layout);
  if (vertical)
    emitVertical(full, width);
  else
    emitHorizontal(full, width);
}

/// The neutral elements of `reductions` in vectors of `width`.
static SmallVector<Value> neutralVectors(ImplicitLocOpBuilder &b,
                                         ArrayRef<tile::ReduceOp> reductions,
                                         int64_t width) {
  SmallVector<Value> values;
  for (tile::ReduceOp reduce : reductions) {
    Type element = getElementTypeOrSelf(reduce.getSource().getType());
    auto type = VectorType::get({width}, element);
    values.push_back(arith::ConstantOp::create(
        b, DenseElementsAttr::get(
               type, Attribute(neutral(b, reduce.getKind(), element)))));
  }
  return values;
}

void KernelEmitter::emitVertical(Group &full, int64_t width) {
  SmallVector<tile::ReduceOp> reductions = reductionsOf(full);
  loop(full.lanes, width, {}, [&](Value lane, ValueRange) {
    SmallVector<Value> sums =
        loop(full.vectors, 1, neutralVectors(b, reductions, width),
             [&](Value vector, ValueRange sums) {
               return emitVector(full, vector, lane, width, sums);
             });
    for (auto [reduce, sum] : llvm::zip_equal(reductions, sums))
      storeVector(sum, buffers.lookup(reduce.getResult()), index(0), lane);
    return SmallVector<Value>();
  });
}

void KernelEmitter::emitHorizontal(Group &full, int64_t width) {
  SmallVector<tile::ReduceOp> reductions = reductionsOf(full);
  loop(full.vectors, 1, {}, [&](Value vector, ValueRange) {
    SmallVector<Value> sums =
        loop(full.lanes, width, neutralVectors(b, reductions, width),
             [&](Value lane, ValueRange sums) {
               return emitVector(full, vector, lane, width, sums);
             });
    for (auto [reduce, sum] : llvm::zip_equal(reductions, sums))
      memref::StoreOp::create(b, combineLanes(b, reduce.getKind(), sum),
                              buffers.lookup(reduce.getResult()).memory,
                              ValueRange{index(0), vector});
    return SmallVector<Value>();
  });
}

SmallVector<Value> KernelEmitter::emitVector(Group &full, Value vector,
                                             Value lane, int64_t width,
                                             ValueRange sums) {
  registers.clear();
  SmallVector<Value> next;
  for (Operation *op : full.ops) {
    b.setLoc(op->getLoc());
    SmallVector<Value> operands;
    for (Value operand : op->getOperands())
      operands.push_back(
          isa<RankedTensorType>(operand.getType())
              ? vectorOf(operand, full.layout, vector, lane, width)
              : scalars.lookup(operand));
    if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
      next.push_back(
          combine(b, reduce.getKind(), operands[0], sums[next.size()]));
      continue;
    }
    Value made = emitElementwise(op, operands, width);
    registers[op->getResult(0)] = made;
    auto stored = buffers.find(op->getResult(0));
    if (stored != buffers.end())
      storeVector(made, stored->second, vector, lane);
  }
  registers.clear();
  return next;
}

//===----------------------------------------------------------------------===//
// Ops
//===----------------------------------------------------------------------===//

Value KernelEmitter::emitElementwise(Operation *op, ValueRange operands,
                                     int64_t width) {
  StringRef name = op->getName().getStringRef();
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  Value made;
  if (isa<arith::TruncFOp>(op)) {
    made = operands[0];
  } else if (canExpandMath(name)) {
    made = expandMath(b, name, operands[0]);
  } else {
    Type held = element.isInteger(1) ? element : heldType(element);
    OperationState state(op->getLoc(), name, operands, vectorType(held, width),
                         op->getAttrs());
    made = b.create(state)->getResult(0);
  }
  return element.isBF16() ? roundToBF16(b, made) : made;
}

void KernelEmitter::emitScalarReduce(tile::ReduceOp op) {
  flush();
  int64_t size = cast<RankedTensorType>(op.getSource().getType()).getDimSize(0);
  int64_t width = largestDivisor(size, 2 * unit.lanes);
  Value source = resolve(op.getSource());
  SmallVector<Value> sums =
      loop(size, width, neutralVectors(b, op, width),
           [&](Value lane, ValueRange sums) {
             Value x = makeVector(source, Layout::Rows, index(0), lane, width);
             return SmallVector<Value>{combine(b, op.getKind(), x, sums[0])};
           });
  scalars.map(op.getResult(), combineLanes(b, op.getKind(), sums[0]));
}

} // namespace heed::cpu
