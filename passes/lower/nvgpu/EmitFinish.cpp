//===- EmitFinish.cpp - What the last of several programs does ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Programs arrive at a counter of the module. Behind a barrier, one thread
/// speaks for all: its fence before the count makes what the program has stored
/// known to whoever counts later, and its fence behind makes what others stored
/// known to this program; the barrier that follows passes that on to the other
/// threads. So plain loads in the body read what is there, and none may be
/// taken for invariant. The last arrival clears the counter for the next
/// launch.
///
/// The body's tiles are spread over all warps by its own rows: what the warps
/// of a divided stream had to hold as a product wants it, they share out here.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "passes/lower/kernel/TileClasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Transforms/RegionUtils.h"

using namespace mlir;

namespace heed::nvgpu {

/// Whether this is the last of `count` programs that give `number`; both i32.
Value KernelEmitter::isLastArrival(Value number, Value count) {
  int64_t oldTop = sharedTop;
  Value answer = allocateBytes(4);
  sharedTop = oldTop;
  auto equal = [&](Value x, Value y) -> Value {
    return arith::CmpIOp::create(b, arith::CmpIPredicate::eq, x, y);
  };
  b.barrier();
  guarded(equal(thread, b.word(0)), [&] {
    Value arrived = b.add(
        b.addToCounter(arrivalsName(), number, /*isOrdered=*/true), b.word(1));
    Value isLast = equal(arrived, count);
    guarded(isLast, [&] { b.resetCounter(arrivalsName(), number); });
    b.store(Value(arith::ExtUIOp::create(b, b.getI32Type(), isLast)), answer);
  });
  b.barrier();
  return equal(b.ofFirstLane(b.load(b.getI32Type(), 1, answer)[0]), b.word(1));
}

/// Emits what computes a tile of outside as the body's distribution wants it.
void KernelEmitter::emitAnew(Value tile) {
  Operation *op = tile.getDefiningOp();
  for (Value operand : op->getOperands())
    if (tile::isTile(operand.getType()))
      emitAnew(operand);
  emitOp(op);
}

void KernelEmitter::emitFinish(tile::FinishOp op) {
  auto toWord = [&](Value x) -> Value {
    return arith::IndexCastOp::create(b, b.getI32Type(), scalars.lookup(x));
  };
  Value isLast = isLastArrival(toWord(op.getProgram()), toWord(op.getParts()));
  guarded(isLast, [&] {
    scoped([&] {
      auto oldPlace = std::tuple(distribution, warp, part, laneRow, laneColumn);
      registers.clear();
      sharedTiles.clear();
      distribution = Distribution::of(op, distribution.threads() / 32);
      findPlace();
      SetVector<Value> used;
      getUsedValuesDefinedAbove(op.getBody(), used);
      for (Value value : used)
        if (tile::isTile(value.getType()))
          emitAnew(value);
      emitBlock(op.getBody().front());
      std::tie(distribution, warp, part, laneRow, laneColumn) = oldPlace;
    });
  });
}

} // namespace heed::nvgpu
