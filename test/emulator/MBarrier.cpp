//===- MBarrier.cpp - Barriers that also count bytes ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// An mbarrier's phase ends when all arrivals and all announced bytes are
/// there. Its words in shared memory are not modelled; its address names it.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/MBarrier.h"

#include "test/emulator/Lanes.h"

namespace heed::ptx {

MBarrier *findMBarrier(Warp &warp, const Operand &operand, int lane,
                       uint64_t &offset) {
  uint64_t address =
      warp.rows[operand.rows[0]][lane] + uint64_t(operand.offset);
  if (!warp.sharedAddress(address, 8, 8, offset))
    return nullptr;
  auto found = warp.block->mbarriers.find(offset);
  if (found != warp.block->mbarriers.end())
    return &found->second;
  warp.fail("no mbarrier was initialised at shared offset %llu",
            (unsigned long long)offset);
  return nullptr;
}

void endPhaseIfComplete(Block &block, MBarrier &barrier) {
  if (barrier.pending != 0 || barrier.bytes != 0)
    return;
  ++barrier.phase;
  barrier.pending = barrier.count;
  barrier.releasedClock = barrier.clock;
  barrier.releasedFenced = barrier.fenced;
  ++block.events;
}

namespace {

Outcome initialise(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  const Operand &at = instruction.operands[0];
  forEachLane(lanes, [&](int lane) {
    uint64_t offset = 0;
    uint64_t address = warp.rows[at.rows[0]][lane] + uint64_t(at.offset);
    uint32_t count = uint32_t(warp.rows[instruction.row(1)][lane]);
    if (!warp.sharedAddress(address, 8, 8, offset)) {
      outcome = Outcome::Failed;
    } else if (count == 0 || count >= 1u << 20) {
      outcome = warp.fail("an mbarrier for %u arrivals", count);
    } else {
      MBarrier barrier;
      barrier.count = barrier.pending = count;
      // Only those who know of the initialisation may use the barrier.
      barrier.initialised = warp.seen;
      barrier.initialiser = warp.index;
      barrier.clock = barrier.fenced = Clock(warp.seen.size());
      warp.block->mbarriers[offset] = barrier;
    }
  });
  warp.tick();
  return outcome;
}

Outcome invalidate(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    uint64_t offset = 0;
    if (findMBarrier(warp, instruction.operands[0], lane, offset))
      warp.block->mbarriers.erase(offset);
    else
      outcome = Outcome::Failed;
  });
  return outcome;
}

/// Finds the barrier and sees whether its initialisation is visible.
MBarrier *findReady(Warp &warp, const Operand &operand, int lane) {
  uint64_t offset = 0;
  MBarrier *barrier = findMBarrier(warp, operand, lane, offset);
  if (!barrier)
    return nullptr;
  int initialiser = barrier->initialiser;
  if (warp.seen[initialiser] >= barrier->initialised[initialiser])
    return barrier;
  warp.fail("races with the initialisation of the mbarrier");
  return nullptr;
}

/// What an arrival does beside arriving.
enum Kind { Plain, ExpectBytes, OnlyExpect, CompleteBytes, AfterCopies };

bool arriveOne(Warp &warp, const Instruction &instruction, int lane) {
  int32_t kind = instruction.variant[0];
  int at = instruction.variant[1];
  const Operand &address = instruction.operands[at];
  MBarrier *barrier = findReady(warp, address, lane);
  if (!barrier)
    return false;
  bool hasAmount = int(instruction.operands.size()) > at + 1;
  uint32_t amount =
      hasAmount ? uint32_t(warp.rows[instruction.row(at + 1)][lane]) : 1;
  if (at == 1 && instruction.row(0) >= 0)
    warp.rows[instruction.row(0)][lane] = barrier->phase;
  joinClock(barrier->clock, warp.seen);
  joinClock(barrier->fenced, warp.fenced);
  if (kind == ExpectBytes || kind == OnlyExpect)
    barrier->bytes += amount;
  if (kind == CompleteBytes)
    barrier->bytes -= amount;
  uint32_t arrivals = kind == Plain                                ? amount
                      : kind == ExpectBytes || kind == AfterCopies ? 1
                                                                   : 0;
  if (arrivals > barrier->pending) {
    warp.fail("%u arrivals at an mbarrier that wants %u more of %u", arrivals,
              barrier->pending, barrier->count);
    return false;
  }
  barrier->pending -= arrivals;
  endPhaseIfComplete(*warp.block, *barrier);
  return true;
}

/// variant: kind, operand of the address.
Outcome arrive(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  if (instruction.variant[0] == AfterCopies)
    finishCopies(warp, lanes);
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    if (outcome == Outcome::Next && !arriveOne(warp, instruction, lane))
      outcome = Outcome::Failed;
  });
  warp.tick();
  warp.maybeSleep();
  return outcome;
}

/// variant: by parity (or by the state of an arrival), may block.
Outcome wait(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  uint32_t ready = 0;
  bool failed = false;
  forEachLane(lanes, [&](int lane) {
    MBarrier *barrier = findReady(warp, instruction.operands[1], lane);
    failed |= !barrier;
    if (failed)
      return;
    uint64_t wanted = warp.rows[instruction.row(2)][lane];
    bool isOver = instruction.variant[0] ? (barrier->phase & 1) != (wanted & 1)
                                         : barrier->phase != wanted;
    ready |= uint32_t(isOver) << lane;
    if (isOver && !barrier->releasedClock.empty()) {
      joinClock(warp.seen, barrier->releasedClock);
      joinClock(warp.fenced, barrier->releasedFenced);
    }
  });
  if (failed)
    return Outcome::Failed;
  // try_wait may give up at any time, but not so often that nothing else runs.
  bool mayGiveUp = warp.spurious != warp.block->events + 1 &&
                   warp.block->launch.random() % 4 == 0;
  if (ready != lanes && instruction.variant[1] && !mayGiveUp)
    return Outcome::Blocked;
  if (ready != lanes)
    warp.spurious = warp.block->events + 1;
  forEachLane(lanes, [&](int lane) {
    warp.rows[instruction.row(0)][lane] = ready >> lane & 1;
  });
  return Outcome::Next;
}

} // namespace

void addMBarrierInstructions(Table &table) {
  for (std::string space : {".shared.b64", ".b64"}) {
    table.add("mbarrier.init" + space, {initialise, 0, 2});
    table.add("mbarrier.inval" + space, {invalidate, 0, 1});
    table.add("mbarrier.arrive" + space, {arrive, 1, 2, 1, {Plain, 1}});
    table.add("mbarrier.arrive.expect_tx" + space,
              {arrive, 1, 3, 0, {ExpectBytes, 1}});
    table.add("mbarrier.expect_tx" + space, {arrive, 0, 2, 0, {OnlyExpect, 0}});
    table.add("mbarrier.complete_tx" + space,
              {arrive, 0, 2, 0, {CompleteBytes, 0}});
    table.add("cp.async.mbarrier.arrive.noinc" + space,
              {arrive, 0, 1, 0, {AfterCopies, 0}});
    table.add("mbarrier.try_wait.parity" + space, {wait, 1, 3, 1, {1, 1}});
    table.add("mbarrier.try_wait" + space, {wait, 1, 3, 1, {0, 1}});
    table.add("mbarrier.test_wait.parity" + space, {wait, 1, 3, 0, {1, 0}});
    table.add("mbarrier.test_wait" + space, {wait, 1, 3, 0, {0, 0}});
  }
}

} // namespace heed::ptx
