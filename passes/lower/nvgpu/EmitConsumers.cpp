//===- EmitConsumers.cpp - What warp groups compute in a pipeline ---------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A turn of the loop overlaps two steps. It starts the scores of its step and
/// the output of the step before, computes the body up to the weights as soon
/// as the scores are there, and only then touches the accumulator:
///
///     s   = start query keys[i]^T
///     acc = start acc + weights values[i - 1]
///     wait for s; the body without the accumulator gives new weights
///     wait for acc; the rest of the body scales it
///
/// Three groups take turns to start products, so that one computes its weights
/// while the matrix unit works for another. Two fall into step by themselves.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

static constexpr int32_t kFirstTurn = 2;

/// What a step hands to the next, beside the accumulator.
struct KernelEmitter::StepState {
  Registers others;    ///< Carried values but the accumulator.
  Registers fragments; ///< Weights, packed as a left operand.
  Registers sums;      ///< The accumulator, in the order of products.
};

//===----------------------------------------------------------------------===//
// Orders of registers
//===----------------------------------------------------------------------===//

/// A thread's numbers of 64 rows, by rows, as products have them: two columns
/// of the upper row, the same of the lower one; and back.
static Registers toProduct(ValueRange matrix) {
  size_t steps = matrix.size() / 4;
  Registers product;
  for (size_t j = 0; j < steps; ++j)
    for (size_t i = 0; i < 2; ++i)
      for (size_t v = 0; v < 2; ++v)
        product.push_back(matrix[(i * steps + j) * 2 + v]);
  return product;
}

static Registers toMatrix(ValueRange product) {
  size_t steps = product.size() / 4;
  Registers matrix;
  for (size_t i = 0; i < 2; ++i)
    for (size_t j = 0; j < steps; ++j)
      for (size_t v = 0; v < 2; ++v)
        matrix.push_back(product[j * 4 + i * 2 + v]);
  return matrix;
}

/// `values`, one for each carried value, but that of the accumulator.
static SmallVector<Value> others(PipelineStage &stage, ValueRange values) {
  SmallVector<Value> kept(values);
  kept.erase(kept.begin() + stage.accumulator);
  return kept;
}

//===----------------------------------------------------------------------===//
// The parts of a turn
//===----------------------------------------------------------------------===//

void KernelEmitter::startConsumers() {
  Value group = arith::ShRUIOp::create(b, warp, b.word(2));
  consumer.group = group;
  consumer.isLeader =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, lane, b.word(0));
  Value rows = b.offset(memory.query, b.multiply(group, b.word(64 * 128)));
  consumer.query = b.describeMatrix(rows, 16, 1024);
  consumer.keys = b.describeMatrix(memory.keys, 16, 1024);
  int64_t valueRows = pipeline->stages.front().values.rows();
  consumer.values = b.describeMatrix(memory.values, 128 * valueRows, 1024);
  if (!pipeline->takesTurns())
    return;
  // The first group has the first turn.
  Value isLast = arith::CmpIOp::create(b, arith::CmpIPredicate::eq, group,
                                       b.word(pipeline->consumers - 1));
  guarded(isLast, [&] {
    b.arriveAtBarrier(b.word(kFirstTurn), 2 * Pipeline::groupThreads);
  });
}

void KernelEmitter::takeTurn() {
  if (!pipeline->takesTurns())
    return;
  b.barrier(b.add(consumer.group, b.word(kFirstTurn)),
            2 * Pipeline::groupThreads);
}

void KernelEmitter::passTurn() {
  if (!pipeline->takesTurns())
    return;
  Value next = b.add(consumer.group, b.word(1));
  next = arith::RemUIOp::create(b, next, b.word(pipeline->consumers));
  b.arriveAtBarrier(b.add(next, b.word(kFirstTurn)),
                    2 * Pipeline::groupThreads);
}

/// The matrix in a slot, given the one in the first.
static Value inDescribedSlot(Device &b, Value first, Value slot,
                             int64_t bytes) {
  Value number = arith::ExtUIOp::create(b, b.getI64Type(), slot);
  Value distance =
      arith::ConstantOp::create(b, b.getI64IntegerAttr(bytes / 16));
  return b.add(first, b.multiply(number, distance));
}

Registers KernelEmitter::startScores(PipelineStage &stage, const Slot &slot) {
  int64_t queryPanel = 128 * pipeline->query.rows();
  int64_t keyPanel = 128 * stage.keys.rows();
  SmallVector<std::pair<int64_t, int64_t>> steps;
  for (int64_t panel = 0; panel < stage.keys.columns() / 64; ++panel)
    for (int64_t k = 0; k < 4; ++k)
      steps.push_back({panel * queryPanel + 32 * k, panel * keyPanel + 32 * k});
  Value keys =
      inDescribedSlot(b, consumer.keys, slot.number, stage.keys.bytes());
  return b.startProduct(stage.keys.rows(), consumer.query, keys, steps);
}

Registers KernelEmitter::startOutput(PipelineStage &stage,
                                     const StepState &state, const Slot &slot) {
  Value values =
      inDescribedSlot(b, consumer.values, slot.number, stage.values.bytes());
  return b.startProduct(state.sums, state.fragments, values, 16 * 128);
}

/// The body of a step on its scores, but what comes late.
void KernelEmitter::emitEarly(PipelineStage &stage, Value step,
                              ValueRange scores, StepState &state) {
  tile::StreamOp op = stage.stream;
  scalars.map(op.getLoadStep(), step);
  scalars.map(op.getBodyStep(), step);
  bind(others(stage, op.getCarried()), state.others);
  emitBlock(op.getLoad().front());
  define(stage.scores.getResult(), Layout::Matrix, toMatrix(scores));
  for (Operation &inner : op.getBody().front().without_terminator()) {
    bool isProduct = &inner == stage.scores || &inner == stage.output;
    if (!isProduct && !stage.late.contains(&inner) &&
        !stage.tellers.contains(&inner))
      emitOp(&inner);
  }
  state.others.clear();
  flatten(others(stage, op.getBodyYields()), others(stage, op.getResults()),
          state.others);
}

/// The rest of the body, on an accumulator that is at rest: what a product
/// reads must not be made while another is under way.
void KernelEmitter::emitLate(PipelineStage &stage, StepState &state) {
  define(stage.stream.getCarried()[stage.accumulator], Layout::Matrix,
         toMatrix(state.sums));
  for (Operation *op : stage.late)
    emitOp(op);
  Registers weights = registersOf(stage.output.getA(), Layout::Matrix);
  int64_t steps = weights.size() / 4;
  state.fragments.clear();
  for (int64_t depth = 0; depth < steps / 2; ++depth)
    llvm::append_range(state.fragments,
                       packFragments(weights, /*rowSlots=*/2, steps, depth));
  state.sums = toProduct(registersOf(stage.output.getAcc(), Layout::Matrix));
}

void KernelEmitter::leave(Value empty, const Slot &slot) {
  b.arriveIf(inSlot(empty, slot, 8), consumer.isLeader);
}

void KernelEmitter::leaveQuery() {
  b.arriveIf(memory.queryEmpty, consumer.isLeader);
}

/// Reads what was told of a step; returns which step comes next.
Value KernelEmitter::readNote(PipelineStage &stage, const Slot &slot) {
  auto read = [&](int64_t number) {
    return b.load(b.getI32Type(), 1, noteWord(slot, number))[0];
  };
  for (auto [i, value] : llvm::enumerate(stage.told)) {
    Value word = read(1 + i);
    if (value.getType().isIndex())
      word = arith::IndexCastOp::create(b, value.getType(), word);
    else if (value.getType().isInteger(1))
      word = arith::TruncIOp::create(b, value.getType(), word);
    scalars.map(value, word);
  }
  return read(0);
}

//===----------------------------------------------------------------------===//
// The loop
//===----------------------------------------------------------------------===//

Value KernelEmitter::consume(size_t number, Value count) {
  PipelineStage &stage = pipeline->stages[number];
  bool isLast = number + 1 == pipeline->stages.size();
  tile::StreamOp op = stage.stream;
  Value first = b.toIndex(
      b.load(b.getI32Type(), 1, b.offset(memory.firsts, 4 * number))[0]);
  SmallVector<Value> inits;
  flatten(op.getInits(), op.getResults(), inits);
  inits.push_back(count);
  auto branch = scf::IfOp::create(b, ValueRange(inits).getTypes(),
                                  b.below(first, scalars.lookup(op.getUpper())),
                                  /*withElseRegion=*/true);
  scoped([&] {
    b.setInsertionPointToStart(branch.thenBlock());
    SmallVector<Value> results;
    Value end = consumeSteps(stage, first, count, isLast, results);
    results.push_back(end);
    scf::YieldOp::create(b, results);
    b.setInsertionPointToStart(branch.elseBlock());
    if (isLast)
      leaveQuery();
    scf::YieldOp::create(b, inits);
  });
  bind(op.getResults(), branch.getResults().drop_back());
  return branch.getResults().back();
}

/// What of a state a loop carries, one behind the other, and back.
static void appendState(ValueRange others, ValueRange sums,
                        ValueRange fragments, SmallVectorImpl<Value> &to) {
  for (ValueRange part : {others, sums, fragments})
    llvm::append_range(to, part);
}

KernelEmitter::StepState KernelEmitter::stateOf(ValueRange flat,
                                                const StepState &like) {
  StepState state;
  auto take = [&](const Registers &part) {
    Registers taken(flat.take_front(part.size()));
    flat = flat.drop_front(part.size());
    return taken;
  };
  state.others = take(like.others);
  state.sums = take(like.sums);
  state.fragments = take(like.fragments);
  return state;
}

/// The first step, which overlaps with nothing. Returns which comes next.
Value KernelEmitter::beginSteps(PipelineStage &stage, Value first, Value count,
                                StepState &state) {
  tile::StreamOp op = stage.stream;
  flatten(others(stage, op.getInits()), others(stage, op.getResults()),
          state.others);
  state.sums =
      toProduct(registersOf(op.getInits()[stage.accumulator], Layout::Matrix));
  Value next;
  scoped([&] {
    Slot slot = slotOf(count);
    b.waitForPhase(inSlot(memory.keysFull, slot, 8), slot.parity);
    next = readNote(stage, slot);
    Registers scores = b.waitForProducts(0, startScores(stage, slot));
    leave(memory.keysEmpty, slot);
    emitEarly(stage, first, scores, state);
    emitLate(stage, state);
  });
  return next;
}

/// The output of the last step, which overlaps with nothing. Gives all carried
/// values in their order.
void KernelEmitter::endSteps(PipelineStage &stage, Value count,
                             const StepState &state,
                             SmallVectorImpl<Value> &results) {
  tile::StreamOp op = stage.stream;
  Slot slot = slotOf(b.subtract(count, b.word(1)));
  b.waitForPhase(inSlot(memory.valuesFull, slot, 8), slot.parity);
  Registers sums = b.waitForProducts(0, startOutput(stage, state, slot));
  leave(memory.valuesEmpty, slot);
  define(op.getResult(stage.accumulator), Layout::Matrix, toMatrix(sums));
  bind(others(stage, op.getResults()), state.others);
  flatten(op.getResults(), op.getResults(), results);
}

/// Gives the carried values after all steps, and the count; there is at least
/// one step. Behind the last stream's scores the queries are done with.
Value KernelEmitter::consumeSteps(PipelineStage &stage, Value first,
                                  Value count, bool isLast,
                                  SmallVectorImpl<Value> &results) {
  StepState state;
  Value next = beginSteps(stage, first, count, state);
  SmallVector<Value> flat{next, b.add(count, b.word(1))};
  appendState(state.others, state.sums, state.fragments, flat);
  Value upper = arith::IndexCastOp::create(
      b, b.getI32Type(), scalars.lookup(stage.stream.getUpper()));
  auto before = [&](OpBuilder &, Location, ValueRange now) {
    scf::ConditionOp::create(b, b.below(now[0], upper), now);
  };
  auto after = [&](OpBuilder &, Location, ValueRange now) {
    scoped([&] {
      StepState held = stateOf(now.drop_front(2), state);
      Value following =
          emitPipelinedTurn(stage, b.toIndex(now[0]), now[1], held);
      SmallVector<Value> yields{following, b.add(now[1], b.word(1))};
      appendState(held.others, held.sums, held.fragments, yields);
      scf::YieldOp::create(b, yields);
    });
  };
  auto loop =
      scf::WhileOp::create(b, ValueRange(flat).getTypes(), flat, before, after);
  if (isLast)
    leaveQuery();
  endSteps(stage, loop.getResult(1),
           stateOf(loop.getResults().drop_front(2), state), results);
  return loop.getResult(1);
}

/// Returns which step comes next.
Value KernelEmitter::emitPipelinedTurn(PipelineStage &stage, Value step,
                                       Value count, StepState &state) {
  Slot slot = slotOf(count), before = slotOf(b.subtract(count, b.word(1)));
  b.waitForPhase(inSlot(memory.keysFull, slot, 8), slot.parity);
  Value next = readNote(stage, slot);
  takeTurn();
  Registers scores = startScores(stage, slot);
  b.waitForPhase(inSlot(memory.valuesFull, before, 8), before.parity);
  state.sums = startOutput(stage, state, before);
  passTurn();
  scores = b.waitForProducts(1, scores);
  leave(memory.keysEmpty, slot);
  emitEarly(stage, step, scores, state);
  state.sums = b.waitForProducts(0, state.sums);
  leave(memory.valuesEmpty, before);
  emitLate(stage, state);
  return next;
}

} // namespace heed::nvgpu
