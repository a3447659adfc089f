//===- Layouts.cpp - Which dimension of a tile lies in the lanes ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/Layouts.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace heed::cpu {

/// Rows up to which a product keeps them out of the lanes.
static constexpr int64_t kFewRows = 8;

static bool isMatrix(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2;
}

MmaForm formOf(tile::MmaOp op) {
  int64_t rows = cast<RankedTensorType>(op.getType()).getDimSize(0);
  if (rows <= kFewRows)
    return op.getTransposeB() && !op.getTransposeA() ? MmaForm::Dot
                                                     : MmaForm::LanesN;
  return op.getTransposeA() ? MmaForm::LanesN : MmaForm::LanesM;
}

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

bool isElementwise(Operation *op) {
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

//===----------------------------------------------------------------------===//
// Assignment
//===----------------------------------------------------------------------===//

Layouts::Layouts(tile::KernelOp kernel) {
  kernel.walk([&](Operation *op) { connect(op); });
  // Results first: what a product accumulates into is never copied.
  kernel.walk([&](tile::MmaOp op) {
    prefer(op.getResult(),
           formOf(op) == MmaForm::LanesM ? Layout::Columns : Layout::Rows);
  });
  kernel.walk([&](tile::MmaOp op) {
    if (formOf(op) == MmaForm::LanesM)
      prefer(op.getA(), Layout::Columns);
    else if (formOf(op) == MmaForm::LanesN)
      prefer(op.getB(), op.getTransposeB() ? Layout::Columns : Layout::Rows);
    else
      prefer(op.getA(), Layout::Rows);
  });
}

Layout Layouts::of(Value tile) {
  if (!isMatrix(tile))
    return Layout::Rows;
  auto found = chosen.find(leader(tile));
  return found == chosen.end() ? Layout::Rows : found->second;
}

Value Layouts::leader(Value value) {
  value = resolve(value);
  while (Value parent = parents.lookup(value))
    value = parent;
  return value;
}

void Layouts::unite(Value x, Value y) {
  if (!isMatrix(x) || !isMatrix(y))
    return;
  x = leader(x);
  y = leader(y);
  if (x != y && !isFree(x.getDefiningOp()) && !isFree(y.getDefiningOp()))
    parents[x] = y;
}

void Layouts::unite(ValueRange xs, ValueRange ys) {
  for (auto [x, y] : llvm::zip_equal(xs, ys))
    unite(x, y);
}

void Layouts::connect(Operation *op) {
  if (isElementwise(op)) {
    for (Value operand : op->getOperands())
      unite(operand, op->getResult(0));
  } else if (auto mma = dyn_cast<tile::MmaOp>(op)) {
    unite(mma.getAcc(), mma.getResult());
  } else if (auto stream = dyn_cast<tile::StreamOp>(op)) {
    for (ValueRange others :
         {ValueRange(stream.getInits()), ValueRange(stream.getBodyYields()),
          ValueRange(stream.getCarried())})
      unite(stream.getResults(), others);
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

void Layouts::prefer(Value value, Layout layout) {
  value = leader(value);
  if (!isFree(value.getDefiningOp()))
    chosen.try_emplace(value, layout);
}

} // namespace heed::cpu
