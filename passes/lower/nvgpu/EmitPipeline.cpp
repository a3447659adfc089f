//===- EmitPipeline.cpp - Roles of warp groups and what passes between ----===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What leads to the streams is emitted for all threads; from the first stream
/// on the last warp group is the producer and the others are consumers.
///
/// Keys and values go through rings of slots. Slot and phase of a step follow
/// from one running count, which both sides keep for themselves. A slot is full
/// when its bytes have come, empty when every consuming warp has said so. With
/// the keys of a step comes a note, which step is visited next, so that only
/// the producer searches.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

/// The barrier of the consumers; that of all threads is number 0.
static constexpr int32_t kConsumerBarrier = 1;
static constexpr int32_t kGroup = 128;

//===----------------------------------------------------------------------===//
// Shared memory
//===----------------------------------------------------------------------===//

Value KernelEmitter::allocateBarriers(int64_t count) {
  return allocateBytes(8 * count);
}

void KernelEmitter::preparePipeline(Value words) {
  PipelineStage &stage = pipeline->stages.front();
  int64_t slots = pipeline->slots;
  facts.stages = slots;
  memory.words = words;
  // Swizzled tiles begin at multiples of 1024 bytes; they come first.
  memory.query = allocateBytes(pipeline->query.bytes());
  memory.keys = allocateBytes(slots * stage.keys.bytes());
  memory.values = allocateBytes(slots * stage.values.bytes());
  memory.notes = allocateBytes(4 * slots);
  memory.queryFull = allocateBarriers(1);
  for (Value *ring : {&memory.keysFull, &memory.valuesFull, &memory.keysEmpty,
                      &memory.valuesEmpty})
    *ring = allocateBarriers(slots);
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, b.word(0));
  guarded(isFirst, [&] {
    int32_t warps = 4 * pipeline->consumers;
    b.makeBarrier(memory.queryFull, 1);
    for (int64_t i = 0; i < slots; ++i) {
      b.makeBarrier(b.offset(memory.keysFull, 8 * i), 1);
      b.makeBarrier(b.offset(memory.valuesFull, 8 * i), 1);
      b.makeBarrier(b.offset(memory.keysEmpty, 8 * i), warps);
      b.makeBarrier(b.offset(memory.valuesEmpty, 8 * i), warps);
    }
    b.showBarriers();
  });
  b.barrier();
}

KernelEmitter::Slot KernelEmitter::slotOf(Value count) {
  Value slots = b.word(pipeline->slots);
  Value turn = arith::DivUIOp::create(b, count, slots);
  return {arith::RemUIOp::create(b, count, slots),
          arith::AndIOp::create(b, turn, b.word(1))};
}

Value KernelEmitter::inSlot(Value first, const Slot &slot, int64_t bytes) {
  return b.offset(first, b.multiply(slot.number, b.word(bytes)));
}

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

void KernelEmitter::emitRoles(Operation *first) {
  int32_t consumers = pipeline->consumers;
  bool isTwo = consumers == 2;
  Value isProducer = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, warp,
                                           b.word(4 * consumers));
  auto branch = scf::IfOp::create(b, isProducer, /*withElseRegion=*/true);
  scoped([&] {
    b.setInsertionPointToStart(branch.thenBlock());
    b.setRegisters(isTwo ? 40 : 32, /*isMore=*/false);
    Value isCopying = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, warp,
                                            b.word(4 * consumers));
    guarded(isCopying, [&] { emitProducer(first); });
  });
  scoped([&] {
    b.setInsertionPointToStart(branch.elseBlock());
    b.setRegisters(isTwo ? 232 : 160, /*isMore=*/true);
    b.setBarrier(kConsumerBarrier, kGroup * consumers);
    emitConsumers(first);
    b.setBarrier(0, 0);
  });
}

//===----------------------------------------------------------------------===//
// The producer
//===----------------------------------------------------------------------===//

void KernelEmitter::emitProducer(Operation *first) {
  Pipeline &p = *pipeline;
  guarded(b.isElected(), [&] {
    b.expectBytes(memory.queryFull, p.query.bytes());
    copyMapped(p.query, 0, memory.query, memory.queryFull);
  });
  Value count = b.word(0);
  size_t stage = 0;
  for (Operation *op = first; stage != p.stages.size();
       op = op->getNextNode()) {
    if (op == p.stages[stage].stream) {
      count = produce(stage, count);
      ++stage;
    } else if (isa<tile::ViewOp>(op) ||
               llvm::none_of(op->getResultTypes(), [](Type type) {
                 return isa<RankedTensorType>(type);
               })) {
      emitOp(op);
    }
  }
}

/// Copies what `load` takes, by boxes of 64 columns.
void KernelEmitter::copyMapped(MappedLoad &load, int64_t number, Value to,
                               Value full) {
  auto toWord = [&](Value x) -> Value {
    return arith::IndexCastOp::create(b, b.getI32Type(), scalars.lookup(x));
  };
  int64_t maps = llvm::alignTo(8 * kernel.getArguments().size(), 64);
  Value map = b.offset(memory.words, maps + 128 * number);
  Value row = toWord(load.load.getIndices()[0]), panel = toWord(load.panel);
  for (int64_t column = 0; column < load.columns(); column += 64)
    b.copyBox(b.offset(to, 2 * column * load.rows()), map, full,
              {b.word(column), row, panel});
}

/// Fills a slot once it is empty; `note` is told with it, if given.
void KernelEmitter::fillMapped(tile::StreamOp op, MappedLoad &load,
                               int64_t number, const SlotRing &ring, Value step,
                               Value count, Value note) {
  Slot slot = slotOf(count);
  Value odd = arith::XOrIOp::create(b, slot.parity, b.word(1));
  b.waitForPhase(inSlot(ring.empty, slot, 8), odd);
  scoped([&] {
    guarded(b.isElected(), [&] {
      Block &region = op.getLoad().front();
      scalars.map(op.getLoadStep(), step);
      emitNeeded(region, load.load);
      if (note) {
        Value word = arith::IndexCastOp::create(b, b.getI32Type(), note);
        b.store(word, inSlot(memory.notes, slot, 4));
      }
      Value full = inSlot(ring.full, slot, 8);
      b.expectBytes(full, load.bytes());
      copyMapped(load, number, inSlot(ring.tiles, slot, load.bytes()), full);
    });
  });
}

/// Keys run a step ahead of values: they are what a consumer waits for first.
Value KernelEmitter::produce(size_t number, Value count) {
  PipelineStage &stage = pipeline->stages[number];
  tile::StreamOp op = stage.stream;
  Value upper = scalars.lookup(op.getUpper());
  auto fillKeys = [&](Value step, Value next, Value at) {
    guarded(b.below(step, upper), [&] {
      fillMapped(op, stage.keys, 1 + 2 * number, memory.keyRing(), step, at,
                 next);
    });
  };
  Value first = nextVisited(op, scalars.lookup(op.getLower()));
  Value second = nextVisited(op, stepAfter(op, first));
  fillKeys(first, second, count);
  auto before = [&](OpBuilder &, Location, ValueRange now) {
    scf::ConditionOp::create(b, b.below(now[0], upper), now);
  };
  auto after = [&](OpBuilder &, Location, ValueRange now) {
    Value step = now[0], next = now[1], at = now[2];
    Value third = nextVisited(op, stepAfter(op, next));
    Value following = b.add(at, b.word(1));
    fillKeys(next, third, following);
    fillMapped(op, stage.values, 2 + 2 * number, memory.valueRing(), step, at,
               Value());
    scf::YieldOp::create(b, ValueRange{next, third, following});
  };
  SmallVector<Value> state{first, second, count};
  auto loop = scf::WhileOp::create(b, ValueRange(state).getTypes(), state,
                                   before, after);
  return loop.getResult(2);
}

} // namespace heed::nvgpu
