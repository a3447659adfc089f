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
/// the queries comes which step each stream visits first, and with the keys of
/// a step which is next, so that only the producer searches.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/ProgramId.h"
#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

/// The barrier of the consumers; that of all threads is number 0.
static constexpr int32_t kConsumerBarrier = 1;

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
  memory.notes = allocateBytes(4 * pipeline->noteWords() * slots);
  memory.programNote = allocateBytes(4);
  memory.firsts = allocateBytes(4 * pipeline->stages.size());
  memory.queryFull = allocateBarriers(1);
  memory.queryEmpty = allocateBarriers(1);
  for (Value *ring : {&memory.keysFull, &memory.valuesFull, &memory.keysEmpty,
                      &memory.valuesEmpty})
    *ring = allocateBarriers(slots);
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, thread, b.word(0));
  guarded(isFirst, [&] {
    int32_t warps = 4 * pipeline->consumers;
    b.makeBarrier(memory.queryFull, 1);
    b.makeBarrier(memory.queryEmpty, warps);
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

Value KernelEmitter::noteWord(const Slot &slot, int64_t number) {
  int64_t bytes = 4 * pipeline->noteWords();
  return b.offset(inSlot(memory.notes, slot, bytes), 4 * number);
}

//===----------------------------------------------------------------------===//
// Roles
//===----------------------------------------------------------------------===//

void KernelEmitter::emitRoles(Emit produce, Emit consume) {
  int32_t consumers = pipeline->consumers;
  // Registers of a thread: all that there are, by eights. Searching for steps
  // takes some more.
  bool isThree = consumers == 3, isSimple = pipeline->isPersistent;
  int32_t producing = isThree ? 32 : isSimple ? 24 : 40;
  int32_t consuming = isThree ? 160 : isSimple ? 240 : 232;
  Value isProducer = arith::CmpIOp::create(b, arith::CmpIPredicate::uge, warp,
                                           b.word(4 * consumers));
  auto branch = scf::IfOp::create(b, isProducer, /*withElseRegion=*/true);
  scoped([&] {
    b.setInsertionPointToStart(branch.thenBlock());
    b.setRegisters(producing, /*isMore=*/false);
    Value isCopying = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, warp,
                                            b.word(4 * consumers));
    guarded(isCopying, [&] { emitAlone(produce); });
  });
  scoped([&] {
    b.setInsertionPointToStart(branch.elseBlock());
    b.setRegisters(consuming, /*isMore=*/true);
    b.setGroupScope(kConsumerBarrier, Pipeline::groupThreads * consumers);
    startConsumers();
    consume();
    b.setScope(Scope::Program);
  });
}

/// Emits for the warp that copies. It works on 1-D tiles only, alone, and so
/// that each lane has few of their numbers.
void KernelEmitter::emitAlone(Emit emit) {
  Distribution oldDistribution = std::exchange(distribution, Distribution());
  Value oldRow = std::exchange(laneRow, b.word(0));
  Value oldColumn = std::exchange(laneColumn, lane);
  role = Role::Producer;
  emit();
  role = Role::Consumer;
  distribution = oldDistribution;
  laneRow = oldRow;
  laneColumn = oldColumn;
}

/// From the first stream on, for a program that all threads have begun.
void KernelEmitter::splitProgram(Operation *first) {
  emitRoles([&] { emitRole(first, b.word(0)); },
            [&] {
              b.waitForPhase(memory.queryFull, b.word(0));
              emitRole(first, b.word(0));
            });
}

/// Whether a producer emits an op beside the streams: it gives numbers that
/// addresses may be made of.
static bool givesNumbers(Operation *op) {
  auto isTile = [](Type type) { return isa<RankedTensorType>(type); };
  return op->getNumResults() != 0 && op->getNumRegions() == 0 &&
         llvm::none_of(op->getResultTypes(), isTile) &&
         llvm::none_of(op->getOperandTypes(), isTile);
}

/// Emits what the role does from `op` to the end of its block. Returns how many
/// steps all streams so far have had; `count` is how many they had before.
Value KernelEmitter::emitRole(Operation *op, Value count) {
  if (role == Role::Producer)
    return produceStreams(op, count);
  size_t number = 0;
  for (; op != op->getBlock()->getTerminator(); op = op->getNextNode()) {
    b.setLoc(op->getLoc());
    if (number < pipeline->stages.size() &&
        op == pipeline->stages[number].stream)
      count = consume(number++, count);
    else
      emitOp(op);
  }
  return count;
}

//===----------------------------------------------------------------------===//
// Several programs, one after the other
//===----------------------------------------------------------------------===//

/// Emits `program` for the role; returns the count of steps.
Value KernelEmitter::emitProgram(Value count) {
  Block *streams = pipeline->stages.front().stream->getBlock();
  Block *body = &kernel.getBody().front();
  if (streams == body)
    return emitRole(&body->front(), count);
  auto inside = cast<scf::IfOp>(streams->getParentOp());
  for (Operation *op = &body->front(); op != inside; op = op->getNextNode())
    if (role == Role::Consumer || givesNumbers(op))
      emitOp(op);
  auto branch = scf::IfOp::create(b, count.getType(),
                                  scalars.lookup(inside.getCondition()),
                                  /*withElseRegion=*/true);
  scoped([&] {
    b.setInsertionPointToStart(branch.thenBlock());
    scf::YieldOp::create(b, emitRole(&streams->front(), count));
    // A program without work passes its queries' barriers all the same.
    b.setInsertionPointToStart(branch.elseBlock());
    if (role == Role::Producer)
      guarded(b.isElected(), [&] { b.expectBytes(memory.queryFull, 0); });
    else
      leaveQuery();
    scf::YieldOp::create(b, count);
  });
  return branch.getResult(0);
}

/// The lowest number that no block has drawn. As many are drawn as there are
/// programs; the last draw leaves the counter as it was, at zero.
Value KernelEmitter::drawProgram(Value total) {
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lane, b.word(0));
  auto branch =
      scf::IfOp::create(b, b.getI32Type(), isFirst, /*withElseRegion=*/true);
  {
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    Value drawn = b.addToCounter(counterName(), b.word(0));
    Value last = b.subtract(total, b.number(1));
    Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                         b.toIndex(drawn), last);
    guarded(isLast, [&] { b.resetCounter(counterName(), b.word(0)); });
    scf::YieldOp::create(b, drawn);
    b.setInsertionPointToStart(branch.elseBlock());
    scf::YieldOp::create(b, b.word(0));
  }
  Value drawn = b.toIndex(b.ofFirstLane(branch.getResult(0)));
  return b.add(drawn, b.blockCount());
}

/// Puts a program's number where consumers look for it, once they have left the
/// queries of the one before.
void KernelEmitter::tellProgram(Value number, Value turn) {
  Value odd = arith::AndIOp::create(b, turn, b.word(1));
  odd = arith::XOrIOp::create(b, odd, b.word(1));
  b.waitForPhase(memory.queryEmpty, odd);
  guarded(b.isElected(), [&] { b.store(number, memory.programNote); });
}

void KernelEmitter::producePrograms() {
  Value total = buildProgramCount(b, kernel, scalars);
  SmallVector<Value> state{program, b.word(0), b.word(0)};
  auto before = [&](OpBuilder &, Location, ValueRange now) {
    scf::ConditionOp::create(b, b.below(now[0], total), now);
  };
  auto after = [&](OpBuilder &, Location, ValueRange now) {
    scoped([&] {
      program = now[0];
      Value number = arith::IndexCastOp::create(b, b.getI32Type(), program);
      tellProgram(number, now[2]);
      Value count = emitProgram(now[1]);
      Value next = drawProgram(total);
      Value turn = b.add(now[2], b.word(1));
      scf::YieldOp::create(b, ValueRange{next, count, turn});
    });
  };
  auto loop = scf::WhileOp::create(b, ValueRange(state).getTypes(), state,
                                   before, after);
  tellProgram(b.word(-1), loop.getResult(2));
  guarded(b.isElected(), [&] { b.expectBytes(memory.queryFull, 0); });
}

void KernelEmitter::consumePrograms() {
  auto nextProgram = [&](Value turn) {
    b.waitForPhase(memory.queryFull, arith::AndIOp::create(b, turn, b.word(1)));
    return b.ofFirstLane(b.load(b.getI32Type(), 1, memory.programNote)[0]);
  };
  SmallVector<Value> state{nextProgram(b.word(0)), b.word(0), b.word(0)};
  auto before = [&](OpBuilder &, Location, ValueRange now) {
    Value isOne =
        arith::CmpIOp::create(b, arith::CmpIPredicate::sge, now[0], b.word(0));
    scf::ConditionOp::create(b, isOne, now);
  };
  auto after = [&](OpBuilder &, Location, ValueRange now) {
    scoped([&] {
      program = b.toIndex(now[0]);
      Value count = emitProgram(now[1]);
      Value turn = b.add(now[2], b.word(1));
      scf::YieldOp::create(b, ValueRange{nextProgram(turn), count, turn});
    });
  };
  scf::WhileOp::create(b, ValueRange(state).getTypes(), state, before, after);
}

void KernelEmitter::emitPersistent() {
  emitRoles([&] { producePrograms(); }, [&] { consumePrograms(); });
}

//===----------------------------------------------------------------------===//
// The producer
//===----------------------------------------------------------------------===//

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

/// Fills a slot once it is empty; `note` writes what is told with it.
void KernelEmitter::fillMapped(tile::StreamOp op, MappedLoad &load,
                               int64_t number, const SlotRing &ring, Value step,
                               Value count,
                               llvm::function_ref<void(const Slot &)> note) {
  Slot slot = slotOf(count);
  Value odd = arith::XOrIOp::create(b, slot.parity, b.word(1));
  b.waitForPhase(inSlot(ring.empty, slot, 8), odd);
  scoped([&] {
    guarded(b.isElected(), [&] {
      scalars.map(op.getLoadStep(), step);
      emitNeeded(op.getLoad().front(), load.load);
      note(slot);
      Value full = inSlot(ring.full, slot, 8);
      b.expectBytes(full, load.bytes());
      copyMapped(load, number, inSlot(ring.tiles, slot, load.bytes()), full);
    });
  });
}

/// Computes what is told of a step; all lanes of the warp.
SmallVector<Value> KernelEmitter::emitTold(PipelineStage &stage, Value step) {
  tile::StreamOp op = stage.stream;
  Block &body = op.getBody().front();
  scalars.map(op.getLoadStep(), step);
  scalars.map(op.getBodyStep(), step);
  emitBlock(op.getLoad().front());
  for (Operation &inner : body.without_terminator())
    if (stage.tellers.contains(&inner) || givesNumbers(&inner))
      emitOp(&inner);
  SmallVector<Value> words;
  for (Value value : stage.told) {
    Value word = scalars.lookup(value);
    if (word.getType().isIndex())
      word = arith::IndexCastOp::create(b, b.getI32Type(), word);
    else if (word.getType().isInteger(1))
      word = arith::ExtUIOp::create(b, b.getI32Type(), word);
    words.push_back(word);
  }
  return words;
}

/// Copies for all streams of a program, whose other ops begin with `op`.
Value KernelEmitter::produceStreams(Operation *op, Value count) {
  for (; op != op->getBlock()->getTerminator(); op = op->getNextNode())
    if (givesNumbers(op))
      emitOp(op);
  SmallVector<Value> firsts;
  for (PipelineStage &stage : pipeline->stages)
    firsts.push_back(
        nextVisited(stage.stream, scalars.lookup(stage.stream.getLower())));
  guarded(b.isElected(), [&] {
    for (auto [i, first] : llvm::enumerate(firsts)) {
      Value word = arith::IndexCastOp::create(b, b.getI32Type(), first);
      b.store(word, b.offset(memory.firsts, 4 * i));
    }
    b.expectBytes(memory.queryFull, pipeline->query.bytes());
    copyMapped(pipeline->query, 0, memory.query, memory.queryFull);
  });
  for (auto [number, first] : llvm::enumerate(firsts))
    count = produce(number, first, count);
  return count;
}

/// Keys run a step ahead of values: they are what a consumer waits for first.
Value KernelEmitter::produce(size_t number, Value first, Value count) {
  PipelineStage &stage = pipeline->stages[number];
  tile::StreamOp op = stage.stream;
  Value upper = scalars.lookup(op.getUpper());
  auto fillKeys = [&](Value step, Value next, Value at) {
    guarded(b.below(step, upper), [&] {
      scoped([&] {
        SmallVector<Value> words = emitTold(stage, step);
        words.insert(words.begin(),
                     arith::IndexCastOp::create(b, b.getI32Type(), next));
        fillMapped(op, stage.keys, 1 + 2 * number, memory.keyRing(), step, at,
                   [&](const Slot &slot) {
                     for (auto [i, word] : llvm::enumerate(words))
                       b.store(word, noteWord(slot, i));
                   });
      });
    });
  };
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
               [](const Slot &) {});
    scf::YieldOp::create(b, ValueRange{next, third, following});
  };
  SmallVector<Value> state{first, second, count};
  auto loop = scf::WhileOp::create(b, ValueRange(state).getTypes(), state,
                                   before, after);
  return loop.getResult(2);
}

} // namespace heed::nvgpu
