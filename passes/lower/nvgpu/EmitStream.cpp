//===- EmitStream.cpp - The loop and what it loads ahead ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The declared loads that products read go into a ring of slots in shared
/// memory, asynchronously, while earlier steps are computed. With `s` slots the
/// loop carries the numbers of the next `s` visited steps, and the copies of
/// all but the last are under way; a turn is
///
///     wait until the copies of the first have arrived, barrier;
///     start those of the last into the slot that the turn before has left;
///     find the next visited step; compute the first step.
///
/// So a `where` that reads memory holds up no copies. Operands that were loaded
/// above the stream are waited for behind the first copies too.
///
/// One barrier a turn says both that copies have arrived for all threads and
/// that all have left the slot. Where only one slot fits, a turn fills it and
/// waits. What else a step loads is loaded when it is computed.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Access.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

/// Shared memory that rings should stay below: what a program may have on
/// every architecture from sm_80 on. What two programs may have at once; and
/// what all rings of a divided stream may.
static constexpr int64_t kRingBytes = 96 << 10;
static constexpr int64_t kDeepRingBytes = 48 << 10;
static constexpr int64_t kDividedRingBytes = 96 << 10;

struct KernelEmitter::Ring {
  SmallVector<tile::LoadOp> loads;
  SmallVector<SharedTile> tiles; ///< The first slot of each.
  int64_t slots = 0;
};

/// The loads of `op` that go into its ring.
static SmallVector<tile::LoadOp> findRingLoads(tile::StreamOp op) {
  SmallVector<tile::LoadOp> loads;
  for (auto load : op.getLoad().front().getOps<tile::LoadOp>())
    if (cast<RankedTensorType>(load.getType()).getRank() == 2 &&
        isProductOperand(load.getResult()))
      loads.push_back(load);
  return loads;
}

KernelEmitter::Ring KernelEmitter::planRing(tile::StreamOp op) {
  Ring ring;
  ring.loads = findRingLoads(op);
  if (ring.loads.empty())
    return ring;
  int64_t oldTop = sharedTop;
  int64_t oldMost = facts.sharedBytes;
  for (tile::LoadOp load : ring.loads)
    allocateTile(cast<RankedTensorType>(load.getType()));
  int64_t bytes = sharedTop - oldTop;
  sharedTop = oldTop;
  facts.sharedBytes = oldMost;
  ring.slots = 1;
  int64_t rings = divided ? distribution.parts : 1;
  int64_t mostBytes = divided ? kDividedRingBytes : kRingBytes;
  int64_t deepBytes = divided ? kDividedRingBytes : kDeepRingBytes;
  if (rings * (oldTop + 2 * bytes) <= mostBytes)
    ring.slots = 3 * rings * bytes <= deepBytes ? 3 : 2;
  facts.stages = std::max(facts.stages, ring.slots);
  b.barrier();
  for (tile::LoadOp load : ring.loads) {
    auto type = cast<RankedTensorType>(load.getType());
    ring.tiles.push_back(allocateTile(type, ring.slots));
    clearPadding(ring.tiles.back(), type, ring.slots);
    ringLoads.insert(load.getResult());
  }
  return ring;
}

//===----------------------------------------------------------------------===//
// Steps
//===----------------------------------------------------------------------===//

/// The first visited step from `from` on; not below `upper` if there is none.
Value KernelEmitter::nextVisited(tile::StreamOp op, Value from) {
  if (!op.hasWhere())
    return from;
  Value upper = scalars.lookup(op.getUpper());
  auto passesBy = [&](OpBuilder &, Location, ValueRange state) {
    Value isInside = b.below(state[0], upper);
    auto branch = scf::IfOp::create(b, b.getI1Type(), isInside,
                                    /*withElseRegion=*/true);
    scoped([&] {
      b.setInsertionPointToStart(branch.thenBlock());
      scalars.map(op.getWhereStep(), state[0]);
      emitBlock(op.getWhere().front());
      Value visited = scalars.lookup(op.getVisited());
      Value isTrue = arith::ConstantOp::create(b, b.getBoolAttr(true));
      scf::YieldOp::create(
          b, arith::XOrIOp::create(b, visited, isTrue).getResult());
      b.setInsertionPointToStart(branch.elseBlock());
      Value isFalse = arith::ConstantOp::create(b, b.getBoolAttr(false));
      scf::YieldOp::create(b, isFalse);
    });
    scf::ConditionOp::create(b, branch.getResult(0), state);
  };
  auto goOn = [&](OpBuilder &, Location, ValueRange state) {
    scf::YieldOp::create(b, stepAfter(op, state[0]));
  };
  return scf::WhileOp::create(b, TypeRange{from.getType()}, from, passesBy,
                              goOn)
      .getResult(0);
}

/// The ops of a load region that `loads` need.
static DenseSet<Operation *> findNeeded(Block &region,
                                        ArrayRef<tile::LoadOp> loads) {
  DenseSet<Operation *> needed;
  for (Operation &op : llvm::reverse(region.without_terminator())) {
    bool isNeeded = llvm::is_contained(loads, dyn_cast<tile::LoadOp>(op));
    for (Operation *user : op.getUsers()) {
      Operation *inRegion = region.findAncestorOpInBlock(*user);
      isNeeded |= inRegion && needed.contains(inRegion);
    }
    if (isNeeded)
      needed.insert(&op);
  }
  return needed;
}

/// Emits what `loads` need of their region.
void KernelEmitter::emitNeeded(Block &region, ArrayRef<tile::LoadOp> loads) {
  DenseSet<Operation *> needed = findNeeded(region, loads);
  for (Operation &op : region.without_terminator())
    if (needed.contains(&op) && !isa<tile::LoadOp>(op))
      emitOp(&op);
}

/// Starts the copies of `step` into `slot`, if there is such a step.
void KernelEmitter::fillSlot(tile::StreamOp op, const Ring &ring, Value step,
                             Value slot) {
  Block &region = op.getLoad().front();
  DenseSet<Operation *> needed = findNeeded(region, ring.loads);
  scoped([&] {
    guarded(b.below(step, scalars.lookup(op.getUpper())), [&] {
      scalars.map(op.getLoadStep(), step);
      for (Operation &inner : region.without_terminator()) {
        auto load = dyn_cast<tile::LoadOp>(inner);
        if (!load || !ringLoads.contains(load.getResult())) {
          if (needed.contains(&inner))
            emitOp(&inner);
          continue;
        }
        SharedTile tile =
            ring.tiles[llvm::find(ring.loads, load) - ring.loads.begin()];
        tile.base = b.offset(tile.base, b.multiply(slot, b.word(tile.bytes())));
        copyTile(accessOf(load.getView(), load.getIndices(),
                          cast<RankedTensorType>(load.getType())),
                 tile);
      }
    });
  });
  b.commitCopies();
}

/// The first steps; the copies of all but the last are under way afterwards.
void KernelEmitter::startRing(tile::StreamOp op, const Ring &ring,
                              SmallVectorImpl<Value> &steps) {
  Value step = nextVisited(op, firstStep(op));
  steps.push_back(step);
  for (int64_t i = 0; i + 1 < ring.slots; ++i) {
    fillSlot(op, ring, step, b.word(i));
    step = nextVisited(op, stepAfter(op, step));
    steps.push_back(step);
  }
}

/// Waits for operands that were on their way before the ring was; all threads
/// have copied some of them.
void KernelEmitter::awaitLoads(tile::StreamOp op, const Ring &ring) {
  if (!awaiting.contains(op))
    return;
  b.waitForCopies(std::max<int64_t>(ring.slots - 1, 0));
  b.setScope(Scope::Program);
  b.barrier();
  b.setScope(divided ? Scope::Warp : Scope::Program);
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

void KernelEmitter::emitStream(tile::StreamOp op) {
  if (distribution.parts > 1 && op.hasCombine() && !divided)
    return emitParts(op);
  bind(op.getResults(), emitLoop(op));
}

Registers KernelEmitter::emitLoop(tile::StreamOp op) {
  Registers results;
  scoped([&] {
    Ring ring = planRing(op);
    SmallVector<Value> state;
    startRing(op, ring, state);
    awaitLoads(op, ring);
    size_t ahead = state.size();
    state.push_back(b.word(0));
    flatten(op.getInits(), op.getResults(), state);
    Value upper = scalars.lookup(op.getUpper());
    auto before = [&](OpBuilder &, Location, ValueRange now) {
      scf::ConditionOp::create(b, b.below(now[0], upper), now);
    };
    auto after = [&](OpBuilder &, Location, ValueRange now) {
      scoped([&] {
        SmallVector<Value> next;
        emitTurn(op, ring, now, next);
        scf::YieldOp::create(b, next);
      });
    };
    auto loop = scf::WhileOp::create(b, ValueRange(state).getTypes(), state,
                                     before, after);
    llvm::append_range(results, loop.getResults().drop_front(ahead + 1));
  });
  return results;
}

void KernelEmitter::emitTurn(tile::StreamOp op, const Ring &ring,
                             ValueRange state, SmallVectorImpl<Value> &next) {
  int64_t ahead = std::max<int64_t>(1, ring.slots);
  ValueRange steps = state.take_front(ahead);
  Value slot = state[ahead];
  Value last = steps.back();
  if (ring.slots > 1) {
    b.waitForCopies(ring.slots - 2);
    b.barrier();
    Value before = b.add(slot, b.word(ring.slots - 1));
    before = arith::RemUIOp::create(b, before, b.word(ring.slots));
    fillSlot(op, ring, last, before);
    last = nextVisited(op, stepAfter(op, last));
  } else if (ring.slots == 1) {
    b.barrier();
    fillSlot(op, ring, last, slot);
    b.waitForCopies(0);
    b.barrier();
  }
  bindSlot(ring, slot);
  SmallVector<Value> carried;
  emitStep(op, steps[0], state.drop_front(ahead + 1), carried);
  if (ring.slots > 1) {
    llvm::append_range(next, steps.drop_front());
    next.push_back(last);
    slot =
        arith::RemUIOp::create(b, b.add(slot, b.word(1)), b.word(ring.slots));
  } else {
    next.push_back(nextVisited(op, stepAfter(op, last)));
  }
  next.push_back(slot);
  llvm::append_range(next, carried);
}

void KernelEmitter::bindSlot(const Ring &ring, Value slot) {
  for (auto [i, tile] : llvm::enumerate(ring.tiles)) {
    tile::LoadOp load = ring.loads[i];
    SharedTile ofSlot = tile;
    ofSlot.base = b.offset(tile.base, b.multiply(slot, b.word(tile.bytes())));
    sharedTiles[load.getResult()] = ofSlot;
  }
}

void KernelEmitter::emitStep(tile::StreamOp op, Value step, ValueRange carried,
                             SmallVectorImpl<Value> &next) {
  scalars.map(op.getLoadStep(), step);
  scalars.map(op.getBodyStep(), step);
  bind(op.getCarried(), carried);
  emitBlock(op.getLoad().front());
  emitBlock(op.getBody().front());
  flatten(op.getBodyYields(), op.getResults(), next);
}

} // namespace heed::nvgpu
