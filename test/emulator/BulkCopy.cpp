//===- BulkCopy.cpp - Copies of the engine --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// cp.async.bulk, what all bulk copies share. Loads finish in random order,
/// late rather than early; stores when they are waited for.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/BulkCopy.h"

#include "test/emulator/Lanes.h"
#include "test/emulator/MBarrier.h"

namespace heed::ptx {

bool Block::finishOneLoad() {
  if (loads.empty())
    return false;
  size_t which = launch.random() % loads.size();
  BulkLoad load = std::move(loads[which]);
  loads.erase(loads.begin() + ptrdiff_t(which));
  uint8_t *target = shared.data(load.target);
  std::memset(target, 0, load.bytes);
  for (const BulkLoad::Run &run : load.runs)
    std::memcpy(target + run.offset, run.source, run.bytes);
  ++engine.back();
  shared.endCopy({int(engineAgent()), -1, &engine}, load.target, load.bytes,
                 false);
  auto barrier = mbarriers.find(load.barrier);
  if (barrier == mbarriers.end())
    return true;
  barrier->second.clock.back() = engine.back();
  barrier->second.bytes -= int64_t(load.bytes);
  endPhaseIfComplete(*this, barrier->second);
  return true;
}

Outcome issueLoad(Warp &warp, int lane, BulkLoad load, const Operand &barrier) {
  if (!findMBarrier(warp, barrier, lane, load.barrier))
    return Outcome::Failed;
  if (const char *fault = warp.block->shared.beginCopy(
          warp.asAccess(lane), load.target, load.bytes, false))
    return warp.fail("a bulk copy %s", fault);
  warp.block->loads.push_back(std::move(load));
  ++warp.block->launch.counts.copies;
  return Outcome::Next;
}

Outcome issueStore(Warp &warp, int lane, BulkStore store) {
  if (const char *fault = warp.block->shared.beginCopy(
          warp.asProxy(), store.source, store.bytes, true))
    return warp.fail("a bulk copy %s", fault);
  warp.openStores[lane].push_back(std::move(store));
  ++warp.block->launch.counts.copies;
  return Outcome::Next;
}

namespace {

/// Returns the bytes of a copy of one dimension, or 0 after an error.
uint64_t checkSize(Warp &warp, const Instruction &instruction, int lane,
                   uint64_t global) {
  uint64_t bytes = uint32_t(warp.rows[instruction.row(2)][lane]);
  if (bytes != 0 && bytes % 16 == 0 && global % 16 == 0)
    return bytes;
  warp.fail("copies %llu bytes at %#llx, wanted multiples of 16",
            (unsigned long long)bytes, (unsigned long long)global);
  return 0;
}

uint64_t addressOf(Warp &warp, const Operand &operand, int lane) {
  return warp.rows[operand.rows[0]][lane] + uint64_t(operand.offset);
}

/// cp.async.bulk.shared.global [to], [from], bytes, [barrier].
Outcome loadBulk(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    uint64_t from = addressOf(warp, instruction.operands[1], lane);
    BulkLoad load;
    load.bytes = checkSize(warp, instruction, lane, from);
    const uint8_t *source =
        load.bytes ? warp.accessGlobal(from, load.bytes, false) : nullptr;
    uint64_t to = addressOf(warp, instruction.operands[0], lane);
    if (!source || !warp.sharedAddress(to, load.bytes, 16, load.target)) {
      outcome = Outcome::Failed;
      return;
    }
    load.runs = {{source, 0, load.bytes}};
    if (issueLoad(warp, lane, load, instruction.operands[3]) != Outcome::Next)
      outcome = Outcome::Failed;
  });
  return outcome;
}

/// cp.async.bulk.global.shared [to], [from], bytes.
Outcome storeBulk(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    uint64_t to = addressOf(warp, instruction.operands[0], lane);
    BulkStore store;
    store.bytes = checkSize(warp, instruction, lane, to);
    uint8_t *target =
        store.bytes ? warp.accessGlobal(to, store.bytes, true) : nullptr;
    uint64_t from = addressOf(warp, instruction.operands[1], lane);
    if (!target || !warp.sharedAddress(from, store.bytes, 16, store.source)) {
      outcome = Outcome::Failed;
      return;
    }
    store.runs = {{target, 0, store.bytes}};
    if (issueStore(warp, lane, store) != Outcome::Next)
      outcome = Outcome::Failed;
  });
  return outcome;
}

Outcome commitStores(Warp &warp, const Instruction &, uint32_t lanes) {
  forEachLane(lanes, [&](int lane) {
    warp.stores[lane].push_back(std::move(warp.openStores[lane]));
    warp.openStores[lane].clear();
  });
  return Outcome::Next;
}

void finishStore(Warp &warp, const BulkStore &store) {
  SharedMemory &shared = warp.block->shared;
  for (const BulkStore::Run &run : store.runs)
    std::memcpy(run.target, shared.data(store.source) + run.offset, run.bytes);
  shared.endCopy(warp.asProxy(), store.source, store.bytes, true);
}

Outcome waitStores(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  forEachLane(lanes, [&](int lane) {
    uint64_t pending = warp.rows[instruction.row(0)][lane];
    auto &groups = warp.stores[lane];
    for (; groups.size() > pending; groups.pop_front())
      for (const BulkStore &store : groups.front())
        finishStore(warp, store);
  });
  return Outcome::Next;
}

} // namespace

void addBulkCopyInstructions(Table &table) {
  table.add("cp.async.bulk.shared.global.mbarrier::complete_tx::bytes",
            {loadBulk, 0, 4, 1});
  table.add("cp.async.bulk.global.shared.bulk_group", {storeBulk, 0, 3, 1});
  table.add("cp.async.bulk.commit_group", {commitStores, 0, 0});
  table.add("cp.async.bulk.wait_group", {waitStores, 0, 1});
  table.add("cp.async.bulk.wait_group.read", {waitStores, 0, 1});
}

} // namespace heed::ptx
