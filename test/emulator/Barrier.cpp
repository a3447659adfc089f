//===- Barrier.cpp - Barriers of warps, and fences ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

#include <algorithm>

namespace heed::ptx {

namespace {

/// How the predicates of a bar.red are combined.
enum Vote { NoVote, Popc, And, Or };

uint32_t resultOf(const Barrier &barrier, int32_t vote) {
  return vote == And  ? barrier.votes == barrier.expected
         : vote == Or ? barrier.votes != 0
                      : barrier.votes;
}

/// Releases what the warp did to those who wait at the barrier.
Outcome arrive(Warp &warp, Barrier &barrier, uint32_t threads, int32_t vote,
               uint32_t votes) {
  if (threads == 0 || threads % 32 != 0)
    return warp.fail("a barrier of %u threads, not of whole warps", threads);
  if (barrier.arrived != 0 && barrier.expected != threads)
    return warp.fail("a barrier of %u threads, others wait there for %u",
                     threads, barrier.expected);
  joinClock(barrier.clock, warp.seen);
  joinClock(barrier.fenced, warp.fenced);
  warp.tick();
  warp.maybeSleep();
  barrier.expected = threads;
  barrier.votes += votes;
  barrier.arrived += 32;
  if (barrier.arrived < threads)
    return Outcome::Next;
  barrier.result = resultOf(barrier, vote);
  barrier.arrived = barrier.votes = 0;
  barrier.releasedClock = barrier.clock;
  barrier.releasedFenced = barrier.fenced;
  ++barrier.generation;
  ++warp.block->events;
  return Outcome::Next;
}

/// Arrives once and is blocked until the others have.
Outcome synchronise(Warp &warp, Barrier &barrier, uint32_t threads,
                    int32_t vote, uint32_t votes) {
  if (!warp.isWaiting) {
    warp.generation = barrier.generation;
    if (arrive(warp, barrier, threads, vote, votes) == Outcome::Failed)
      return Outcome::Failed;
    warp.isWaiting = true;
  }
  if (barrier.generation == warp.generation)
    return Outcome::Blocked;
  warp.isWaiting = false;
  joinClock(warp.seen, barrier.releasedClock);
  joinClock(warp.fenced, barrier.releasedFenced);
  return Outcome::Next;
}

/// Returns the barrier that operand `at` names, with the threads of the operand
/// behind it, or null after an error.
Barrier *find(Warp &warp, const Instruction &instruction, uint32_t lanes,
              int at, int last, uint32_t &threads) {
  if (lanes != warp.live || lanes != allLanes) {
    warp.fail("warp %d is divergent at a barrier: lanes %#x of %#x", warp.index,
              lanes, warp.live);
    return nullptr;
  }
  uint64_t id = at <= last ? warp.rows[instruction.row(at)][0] & 0xffffffff : 0;
  threads = warp.block->launch.threads;
  if (at + 1 <= last)
    threads = uint32_t(warp.rows[instruction.row(at + 1)][0]);
  if (id < warp.block->barriers.size())
    return &warp.block->barriers[id];
  warp.fail("no barrier %llu, there are 16", (unsigned long long)id);
  return nullptr;
}

Outcome barrierSync(Warp &warp, const Instruction &instruction,
                    uint32_t lanes) {
  uint32_t threads = 0;
  int last = int(instruction.operands.size()) - 1;
  Barrier *barrier = find(warp, instruction, lanes, 0, last, threads);
  return barrier ? synchronise(warp, *barrier, threads, NoVote, 0)
                 : Outcome::Failed;
}

Outcome barrierArrive(Warp &warp, const Instruction &instruction,
                      uint32_t lanes) {
  uint32_t threads = 0;
  Barrier *barrier = find(warp, instruction, lanes, 0, 1, threads);
  return barrier ? arrive(warp, *barrier, threads, NoVote, 0) : Outcome::Failed;
}

/// bar.red d, barrier{, threads}, predicate. variant: vote.
Outcome barrierReduce(Warp &warp, const Instruction &instruction,
                      uint32_t lanes) {
  uint32_t threads = 0;
  int last = int(instruction.operands.size()) - 1;
  Barrier *barrier = find(warp, instruction, lanes, 1, last - 1, threads);
  if (!barrier)
    return Outcome::Failed;
  uint32_t votes = 0;
  for (uint64_t predicate : warp.rows[instruction.row(last)])
    votes += predicate & 1;
  Outcome outcome =
      synchronise(warp, *barrier, threads, instruction.variant[0], votes);
  if (outcome == Outcome::Next)
    warp.rows[instruction.row(0)].fill(barrier->result);
  return outcome;
}

Outcome warpSync(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  uint32_t mask = uint32_t(warp.rows[instruction.row(0)][__builtin_ctz(lanes)]);
  if ((mask & warp.live) != lanes)
    return warp.fail("lanes %#x are there, those of %#x are wanted", lanes,
                     mask);
  warp.tick();
  return Outcome::Next;
}

/// Memory is in order here, so that only the race detector cares.
Outcome fence(Warp &, const Instruction &, uint32_t) { return Outcome::Next; }

Outcome proxyFence(Warp &warp, const Instruction &, uint32_t) {
  joinClock(warp.fenced, warp.seen);
  warp.tick();
  return Outcome::Next;
}

} // namespace

void addBarrierInstructions(Table &table) {
  for (const char *root : {"bar", "bar.cta", "barrier", "barrier.cta"})
    for (const char *aligned : {"", ".aligned"}) {
      std::string name(root);
      if (name.size() < 7 && *aligned)
        continue;
      table.add(name + ".sync" + aligned, {barrierSync, 0, 1, 1});
      table.add(name + ".arrive" + aligned, {barrierArrive, 0, 2});
      table.add(name + ".red.popc" + aligned + ".u32",
                {barrierReduce, 1, 3, 1, {Popc}});
      table.add(name + ".red.and" + aligned + ".pred",
                {barrierReduce, 1, 3, 1, {And}});
      table.add(name + ".red.or" + aligned + ".pred",
                {barrierReduce, 1, 3, 1, {Or}});
    }
  table.add("bar.warp.sync", {warpSync, 0, 1});
  for (const char *name : {"membar", "membar.gl", "fence", "fence.proxy.alias",
                           "fence.mbarrier_init"})
    table.add(name, {fence, 0, 0});
  for (const char *space : {"", ".shared", ".global"})
    table.add(std::string("fence.proxy.async") + space, {proxyFence, 0, 0});
}

} // namespace heed::ptx
