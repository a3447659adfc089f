//===- AsyncCopy.cpp - Copies of a thread that go on behind it ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// cp.async. A copy reads its source when it is issued or when it is waited
/// for, as the random numbers say; until then nobody may touch its target. A
/// wait makes it a write of the lane that waits: other lanes need a barrier
/// besides.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

namespace heed::ptx {

namespace {

/// Moves the bytes; the rest of the target becomes 0.
void transfer(Warp &warp, AsyncCopy &copy) {
  uint8_t *target = warp.block->shared.data(copy.target);
  std::memset(target, 0, copy.bytes);
  if (copy.sourceBytes)
    std::memcpy(target, copy.source, copy.sourceBytes);
  copy.isDone = true;
}

/// Ends the copies of `lanes` for which `isDue(lane, group)`.
template <typename F> void finishCopies(Warp &warp, uint32_t lanes, F isDue) {
  std::deque<AsyncCopy> left;
  for (AsyncCopy &copy : warp.copies) {
    if (!(lanes >> copy.lane & 1) || !isDue(copy.lane, copy.group)) {
      left.push_back(copy);
      continue;
    }
    if (!copy.isDone)
      transfer(warp, copy);
    warp.block->shared.endCopy(warp.asAccess(copy.lane), copy.target,
                               copy.bytes, false);
  }
  warp.copies = std::move(left);
}

bool issue(Warp &warp, const Instruction &instruction, int lane) {
  const Operand &to = instruction.operands[0], &from = instruction.operands[1];
  AsyncCopy copy;
  copy.lane = lane;
  copy.group = warp.copyGroups[lane];
  copy.bytes = uint32_t(warp.rows[instruction.row(2)][lane]);
  copy.sourceBytes = copy.bytes;
  if (instruction.operands.size() > 3)
    copy.sourceBytes = uint32_t(warp.rows[instruction.row(3)][lane]);
  if ((copy.bytes != 4 && copy.bytes != 8 && copy.bytes != 16) ||
      copy.sourceBytes > copy.bytes) {
    warp.fail("copies %u of %u bytes, wanted at most all of 4, 8 or 16",
              copy.sourceBytes, copy.bytes);
    return false;
  }
  uint64_t target = warp.rows[to.rows[0]][lane] + uint64_t(to.offset);
  uint64_t source = warp.rows[from.rows[0]][lane] + uint64_t(from.offset);
  if (!warp.sharedAddress(target, copy.bytes, copy.bytes, copy.target))
    return false;
  if (source % copy.bytes != 0) {
    warp.fail("global address %#llx is no multiple of %u",
              (unsigned long long)source, copy.bytes);
    return false;
  }
  if (copy.sourceBytes) {
    copy.source = warp.accessGlobal(source, copy.sourceBytes, false);
    if (!copy.source)
      return false;
  }
  if (const char *fault = warp.block->shared.beginCopy(
          warp.asAccess(lane), copy.target, copy.bytes, false)) {
    warp.fail("warp %d %s", warp.index, fault);
    return false;
  }
  if (warp.block->launch.random() % 2 == 0)
    transfer(warp, copy);
  warp.copies.push_back(copy);
  ++warp.block->launch.counts.copies;
  return true;
}

Outcome copyAsync(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    if (outcome == Outcome::Next && !issue(warp, instruction, lane))
      outcome = Outcome::Failed;
  });
  return outcome;
}

Outcome commitGroup(Warp &warp, const Instruction &, uint32_t lanes) {
  forEachLane(lanes, [&](int lane) { ++warp.copyGroups[lane]; });
  return Outcome::Next;
}

Outcome waitGroup(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  uint64_t pending = warp.rows[instruction.row(0)][0];
  finishCopies(warp, lanes, [&](int lane, uint32_t group) {
    return group + pending < warp.copyGroups[lane];
  });
  return Outcome::Next;
}

Outcome waitAll(Warp &warp, const Instruction &, uint32_t lanes) {
  finishCopies(warp, lanes);
  return Outcome::Next;
}

} // namespace

void finishCopies(Warp &warp, uint32_t lanes) {
  finishCopies(warp, lanes, [](int, uint32_t) { return true; });
}

void addAsyncCopyInstructions(Table &table) {
  table.add("cp.async.shared.global", {copyAsync, 0, 3, 1});
  table.add("cp.async.commit_group", {commitGroup, 0, 0});
  table.add("cp.async.wait_group", {waitGroup, 0, 1});
  table.add("cp.async.wait_all", {waitAll, 0, 0});
}

} // namespace heed::ptx
