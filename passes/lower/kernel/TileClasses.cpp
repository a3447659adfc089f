//===- TileClasses.cpp - Tiles that are best held alike -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/TileClasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace heed {

Value resolve(Value value) {
  while (true) {
    if (auto argument = dyn_cast<BlockArgument>(value)) {
      auto stream =
          dyn_cast<tile::StreamOp>(argument.getOwner()->getParentOp());
      unsigned number = argument.getArgNumber();
      if (!stream || argument.getOwner() != &stream.getBody().front() ||
          number == 0 || number > stream.getLoadYields().size())
        return value;
      value = stream.getLoadYields()[number - 1];
      continue;
    }
    auto widening = value.getDefiningOp<arith::ExtFOp>();
    if (!widening || !isa<RankedTensorType>(value.getType()))
      return value;
    value = widening.getIn();
  }
}

bool allUses(Value value, llvm::function_ref<bool(OpOperand &)> visit) {
  for (OpOperand &use : value.getUses()) {
    Operation *user = use.getOwner();
    auto stream = dyn_cast<tile::StreamOp>(user->getParentOp());
    if (isa<tile::YieldOp>(user) &&
        user->getParentRegion() == &stream.getLoad()) {
      if (!allUses(stream.getLoaded()[use.getOperandNumber()], visit))
        return false;
      continue;
    }
    if (isa<arith::ExtFOp>(user) &&
        isa<RankedTensorType>(user->getResult(0).getType())) {
      if (!allUses(user->getResult(0), visit))
        return false;
      continue;
    }
    if (!visit(use))
      return false;
  }
  return true;
}

bool isElementwiseOnTiles(Operation *op) {
  return op->getNumResults() == 1 && op->getNumOperands() > 0 &&
         isa<RankedTensorType>(op->getResult(0).getType()) &&
         isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
         !isa<arith::ExtFOp>(op);
}

bool isFree(Operation *op) {
  return op && op->getNumResults() == 1 &&
         isa<RankedTensorType>(op->getResult(0).getType()) &&
         isa<arith::ConstantOp, tensor::SplatOp, tile::BroadcastOp,
             tile::IotaOp>(op);
}

bool isMultipleOf(Value value, int64_t factor, int depth) {
  IntegerAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return constant.getInt() % factor == 0;
  if (--depth < 0)
    return false;
  if (auto argument = dyn_cast<BlockArgument>(value)) {
    Operation *parent = argument.getOwner()->getParentOp();
    if (argument.getArgNumber() != 0)
      return false;
    if (auto stream = dyn_cast<tile::StreamOp>(parent))
      return isMultipleOf(stream.getLower(), factor, depth) &&
             isMultipleOf(stream.getStep(), factor, depth);
    if (auto loop = dyn_cast<scf::ForOp>(parent))
      return isMultipleOf(loop.getLowerBound(), factor, depth) &&
             isMultipleOf(loop.getStep(), factor, depth);
    return false;
  }
  if (auto product = value.getDefiningOp<arith::MulIOp>())
    return isMultipleOf(product.getLhs(), factor, depth) ||
           isMultipleOf(product.getRhs(), factor, depth);
  if (auto sum = value.getDefiningOp<arith::AddIOp>())
    return isMultipleOf(sum.getLhs(), factor, depth) &&
           isMultipleOf(sum.getRhs(), factor, depth);
  return false;
}

bool liesInside(Value start, int64_t extent, int64_t size) {
  if (ShapedType::isDynamic(extent))
    return false;
  IntegerAttr constant;
  if (matchPattern(start, m_Constant(&constant)))
    return constant.getInt() <= extent - size;
  return extent % size == 0 && isMultipleOf(start, size);
}

//===----------------------------------------------------------------------===//
// Classes
//===----------------------------------------------------------------------===//

TileClasses::TileClasses(tile::KernelOp kernel, int64_t rank) : rank(rank) {
  kernel.walk([&](Operation *op) { connect(op); });
}

bool TileClasses::isMember(Value value) const {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == rank;
}

Value TileClasses::leader(Value value) {
  value = resolve(value);
  while (Value parent = parents.lookup(value))
    value = parent;
  return value;
}

void TileClasses::unite(Value x, Value y) {
  if (!isMember(x) || !isMember(y))
    return;
  x = leader(x);
  y = leader(y);
  if (x != y && !isFree(x.getDefiningOp()) && !isFree(y.getDefiningOp()))
    parents[x] = y;
}

void TileClasses::unite(ValueRange xs, ValueRange ys) {
  for (auto [x, y] : llvm::zip_equal(xs, ys))
    unite(x, y);
}

void TileClasses::connect(Operation *op) {
  if (isElementwiseOnTiles(op)) {
    for (Value operand : op->getOperands())
      unite(operand, op->getResult(0));
  } else if (auto mma = dyn_cast<tile::MmaOp>(op)) {
    unite(mma.getAcc(), mma.getResult());
  } else if (auto stream = dyn_cast<tile::StreamOp>(op)) {
    for (ValueRange others :
         {ValueRange(stream.getInits()), ValueRange(stream.getBodyYields()),
          ValueRange(stream.getCarried())})
      unite(stream.getResults(), others);
    if (!stream.hasCombine())
      return;
    unite(stream.getResults(), stream.getCombineYields());
    unite(stream.getResults(), ValueRange(stream.getCombineFirst()));
    unite(stream.getResults(), ValueRange(stream.getCombineSecond()));
  } else if (auto loop = dyn_cast<scf::ForOp>(op)) {
    for (ValueRange others :
         {ValueRange(loop.getInitArgs()), ValueRange(loop.getYieldedValues()),
          ValueRange(loop.getRegionIterArgs())})
      unite(loop.getResults(), others);
  } else if (auto branch = dyn_cast<scf::IfOp>(op)) {
    if (op->getNumResults() == 0)
      return;
    unite(branch.getResults(), branch.thenYield().getResults());
    unite(branch.getResults(), branch.elseYield().getResults());
  }
}

} // namespace heed
