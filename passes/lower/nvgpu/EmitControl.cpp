//===- EmitControl.cpp - Loops and branches -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What a loop carries are the scalars, and of each tile its registers.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

static RankedTensorType tileType(Value value) {
  return dyn_cast<RankedTensorType>(value.getType());
}

void KernelEmitter::flatten(ValueRange values, ValueRange like,
                            SmallVectorImpl<Value> &to) {
  for (auto [value, target] : llvm::zip_equal(values, like)) {
    if (tileType(value))
      llvm::append_range(to, registersOf(value, layouts.of(target)));
    else
      to.push_back(scalars.lookup(value));
  }
}

void KernelEmitter::flatTypes(ValueRange values, SmallVectorImpl<Type> &to) {
  for (Value value : values) {
    if (RankedTensorType type = tileType(value))
      to.append(distribution.registers(type, layouts.of(value)),
                heldType(type.getElementType()));
    else
      to.push_back(heldType(value.getType()));
  }
}

void KernelEmitter::bind(ValueRange values, ValueRange flat) {
  for (Value value : values) {
    RankedTensorType type = tileType(value);
    if (!type) {
      scalars.map(value, flat.front());
      flat = flat.drop_front();
      continue;
    }
    Layout layout = layouts.of(value);
    int64_t count = distribution.registers(type, layout);
    define(value, layout, Registers(flat.take_front(count)));
    flat = flat.drop_front(count);
  }
}

/// Runs `emit` in a region: what it keeps of tiles holds in there only, and its
/// shared memory is free behind it.
void KernelEmitter::scoped(Emit emit) {
  auto oldRegisters = registers;
  auto oldShared = sharedTiles;
  int64_t oldTop = sharedTop;
  OpBuilder::InsertionGuard guard(b);
  emit();
  registers = std::move(oldRegisters);
  sharedTiles = std::move(oldShared);
  sharedTop = oldTop;
}

void KernelEmitter::emitFor(Operation *operation) {
  auto op = cast<scf::ForOp>(operation);
  SmallVector<Value> initial;
  flatten(op.getInitArgs(), op.getResults(), initial);
  auto loop = scf::ForOp::create(b, scalars.lookup(op.getLowerBound()),
                                 scalars.lookup(op.getUpperBound()),
                                 scalars.lookup(op.getStep()), initial);
  scoped([&] {
    b.setInsertionPointToStart(loop.getBody());
    scalars.map(op.getInductionVar(), loop.getInductionVar());
    bind(op.getRegionIterArgs(), loop.getRegionIterArgs());
    emitBlock(*op.getBody());
    SmallVector<Value> next;
    flatten(op.getYieldedValues(), op.getResults(), next);
    // A loop without results has its terminator already.
    if (!next.empty())
      scf::YieldOp::create(b, next);
  });
  bind(op.getResults(), loop.getResults());
}

void KernelEmitter::emitIf(Operation *operation) {
  auto op = cast<scf::IfOp>(operation);
  bool hasElse = !op.getElseRegion().empty();
  SmallVector<Type> types;
  flatTypes(op.getResults(), types);
  auto branch =
      scf::IfOp::create(b, types, scalars.lookup(op.getCondition()), hasElse);
  auto emitBranch = [&](Block *from, Block *to) {
    scoped([&] {
      b.setInsertionPointToStart(to);
      emitBlock(*from);
      SmallVector<Value> values;
      flatten(from->getTerminator()->getOperands(), op.getResults(), values);
      if (!values.empty())
        scf::YieldOp::create(b, values);
    });
  };
  emitBranch(op.thenBlock(), branch.thenBlock());
  if (hasElse)
    emitBranch(op.elseBlock(), branch.elseBlock());
  bind(op.getResults(), branch.getResults());
}

} // namespace heed::nvgpu
