//===- EmitControl.cpp - Streams, loops and branches ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Carried scalars stay scalars. A carried tile has one buffer for the whole
/// loop: initial values are copied into it, yielded ones at the end of a step.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/KernelEmitter.h"

#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::cpu {

static bool isTile(Value value) {
  return isa<RankedTensorType>(value.getType());
}

/// The types of those of `values` that are scalars.
static SmallVector<Type> scalarTypes(ValueRange values) {
  SmallVector<Type> types;
  for (Value value : values)
    if (!isTile(value))
      types.push_back(value.getType());
  return types;
}

//===----------------------------------------------------------------------===//
// Carried values
//===----------------------------------------------------------------------===//

void KernelEmitter::bindCarried(ValueRange inits, ValueRange arguments,
                                SmallVectorImpl<Value> &initial) {
  for (auto [init, argument] : llvm::zip_equal(inits, arguments)) {
    if (!isTile(init)) {
      initial.push_back(scalars.lookup(init));
      continue;
    }
    Buffer buffer = allocate(cast<RankedTensorType>(argument.getType()),
                             layouts.of(argument));
    copyInto(init, buffer);
    buffers[argument] = buffer;
  }
}

void KernelEmitter::storeYields(ValueRange yields, ValueRange targets,
                                SmallVectorImpl<Value> &next) {
  // A value that lies in another target's buffer moves out of the way first.
  DenseMap<Value, Buffer> moved;
  for (auto [yield, target] : llvm::zip_equal(yields, targets)) {
    if (!isTile(yield))
      continue;
    const Buffer *from = findBuffer(yield);
    Value self = target;
    bool clashes = isFree(resolve(yield).getDefiningOp()) ||
                   (from && llvm::any_of(targets, [&](Value other) {
                      return other != self && isTile(other) &&
                             buffers.lookup(other).memory == from->memory;
                    }));
    if (!clashes)
      continue;
    Buffer copy = allocate(cast<RankedTensorType>(yield.getType()),
                           buffers.lookup(target).layout);
    copyInto(yield, copy);
    moved[target] = copy;
  }
  for (auto [yield, target] : llvm::zip_equal(yields, targets)) {
    if (!isTile(yield)) {
      next.push_back(scalars.lookup(yield));
      continue;
    }
    Buffer to = buffers.lookup(target);
    auto found = moved.find(target);
    if (found == moved.end()) {
      copyInto(yield, to);
      continue;
    }
    copyBuffer(found->second, to);
  }
}

void KernelEmitter::bindResults(ValueRange results, ValueRange carried,
                                ValueRange finals) {
  size_t next = 0;
  for (auto [result, argument] : llvm::zip_equal(results, carried)) {
    if (isTile(result))
      buffers[result] = buffers.lookup(argument);
    else
      scalars.map(result, finals[next++]);
  }
}

/// Names the scalars among `arguments`.
static void mapScalars(IRMapping &scalars, ValueRange arguments,
                       ValueRange values) {
  size_t next = 0;
  for (Value argument : arguments)
    if (!isTile(argument))
      scalars.map(argument, values[next++]);
}

//===----------------------------------------------------------------------===//
// Streams
//===----------------------------------------------------------------------===//

void KernelEmitter::emitStep(tile::StreamOp op, SmallVectorImpl<Value> &next) {
  emitBlock(op.getLoad().front());
  emitBlock(op.getBody().front());
  storeYields(op.getBodyYields(), op.getCarried(), next);
}

void KernelEmitter::emitStream(tile::StreamOp op) {
  flush();
  SmallVector<Value> initial;
  bindCarried(op.getInits(), op.getCarried(), initial);
  auto loop = scf::ForOp::create(
      b, scalars.lookup(op.getLower()), scalars.lookup(op.getUpper()),
      scalars.lookup(op.getStep()), initial,
      [&](OpBuilder &, Location, Value step, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        mapScalars(scalars, op.getCarried(), carried);
        scalars.map(op.getLoadStep(), step);
        scalars.map(op.getBodyStep(), step);
        SmallVector<Value> next;
        if (!op.hasWhere()) {
          emitStep(op, next);
          scf::YieldOp::create(b, next);
          return;
        }
        scalars.map(op.getWhereStep(), step);
        emitBlock(op.getWhere().front());
        auto branch = scf::IfOp::create(b, scalarTypes(op.getCarried()),
                                        scalars.lookup(op.getVisited()),
                                        /*withElseRegion=*/true);
        {
          OpBuilder::InsertionGuard inner(b);
          b.setInsertionPointToStart(branch.thenBlock());
          emitStep(op, next);
          endBranch(next);
          b.setInsertionPointToStart(branch.elseBlock());
          endBranch(carried);
        }
        scf::YieldOp::create(b, branch.getResults());
      });
  bindResults(op.getResults(), op.getCarried(), loop.getResults());
}

void KernelEmitter::endBranch(ValueRange values) {
  Block *block = b.getInsertionBlock();
  // Branches without results come with their terminator.
  if (!block->empty() && block->back().hasTrait<OpTrait::IsTerminator>())
    return;
  scf::YieldOp::create(b, values);
}

//===----------------------------------------------------------------------===//
// scf.for and scf.if
//===----------------------------------------------------------------------===//

void KernelEmitter::emitFor(Operation *operation) {
  auto op = cast<scf::ForOp>(operation);
  flush();
  SmallVector<Value> initial;
  bindCarried(op.getInitArgs(), op.getRegionIterArgs(), initial);
  auto loop = scf::ForOp::create(
      b, scalars.lookup(op.getLowerBound()), scalars.lookup(op.getUpperBound()),
      scalars.lookup(op.getStep()), initial,
      [&](OpBuilder &, Location, Value step, ValueRange carried) {
        OpBuilder::InsertionGuard guard(b);
        mapScalars(scalars, op.getRegionIterArgs(), carried);
        scalars.map(op.getInductionVar(), step);
        emitBlock(*op.getBody());
        SmallVector<Value> next;
        storeYields(op.getYieldedValues(), op.getRegionIterArgs(), next);
        scf::YieldOp::create(b, next);
      });
  bindResults(op.getResults(), op.getRegionIterArgs(), loop.getResults());
}

void KernelEmitter::emitIf(Operation *operation) {
  auto op = cast<scf::IfOp>(operation);
  flush();
  for (Value result : op.getResults())
    if (isTile(result))
      buffers[result] = allocate(cast<RankedTensorType>(result.getType()),
                                 layouts.of(result));
  bool hasElse = !op.getElseRegion().empty();
  auto branch = scf::IfOp::create(b, scalarTypes(op.getResults()),
                                  scalars.lookup(op.getCondition()), hasElse);
  auto emitBranch = [&](Block *from, Block *to) {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(to);
    emitBlock(*from);
    SmallVector<Value> next;
    storeYields(from->getTerminator()->getOperands(), op.getResults(), next);
    endBranch(next);
  };
  emitBranch(op.thenBlock(), branch.thenBlock());
  if (hasElse)
    emitBranch(op.elseBlock(), branch.elseBlock());
  mapScalars(scalars, op.getResults(), branch.getResults());
}

} // namespace heed::cpu
