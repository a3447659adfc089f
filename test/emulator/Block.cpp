//===- Block.cpp - The warps of a block take turns ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Machine.h"

#include <algorithm>
#include <numeric>

namespace heed::ptx {

Block::Block(Launch &launch, int64_t index)
    : launch(launch), index(index),
      shared(launch.kernel.sharedBytes + launch.sharedBytes,
             launch.kernel.granule, int(launch.threads / 32) + 1),
      local(launch.kernel.localBytes * launch.threads),
      warps(launch.threads / 32) {
  const Kernel &kernel = launch.kernel;
  Clock none(warps.size() + 1);
  engine = none;
  for (Barrier &barrier : barriers)
    barrier.clock = barrier.fenced = none;
  for (size_t i = 0; i != warps.size(); ++i) {
    Warp &warp = warps[i];
    warp.block = this;
    warp.index = int(i);
    warp.paths = {{0, -1, allLanes}};
    warp.rows.resize(kernel.rows());
    warp.defined.resize(kernel.rows());
    warp.writtenInFlight.resize(kernel.rows());
    warp.readInFlight.resize(kernel.rows());
    warp.writtenAt.resize(kernel.rows());
    warp.seen = warp.fenced = none;
    warp.tick();
    for (size_t c = 0; c != kernel.constants.size(); ++c)
      warp.rows[kernel.registers + c].fill(kernel.constants[c]);
    setSpecials(warp);
  }
}

void Block::setSpecials(Warp &warp) const {
  uint64_t values[specialCount] = {};
  auto set = [&](Special special, uint64_t value) {
    values[int(special)] = value;
  };
  set(Special::NtidX, launch.threads);
  set(Special::CtaidX, uint64_t(index));
  set(Special::NctaidX, uint64_t(launch.grid));
  set(Special::WarpId, uint64_t(warp.index));
  set(Special::NwarpId, warps.size());
  set(Special::DynamicSmemSize, launch.sharedBytes);
  set(Special::TotalSmemSize, launch.sharedBytes + launch.kernel.sharedBytes);
  for (Special one : {Special::NtidY, Special::NtidZ, Special::NctaidY,
                      Special::NctaidZ, Special::ClusterNctaRank})
    set(one, 1);
  for (uint64_t lane = 0; lane != 32; ++lane) {
    uint64_t bit = uint64_t(1) << lane;
    set(Special::TidX, uint64_t(warp.index) * 32 + lane);
    set(Special::LaneId, lane);
    set(Special::LanemaskEq, bit);
    set(Special::LanemaskLt, bit - 1);
    set(Special::LanemaskLe, 2 * bit - 1);
    set(Special::LanemaskGt, allLanes & ~(2 * bit - 1));
    set(Special::LanemaskGe, allLanes & ~(bit - 1));
    for (int i = 0; i != specialCount; ++i)
      warp.rows[launch.kernel.firstSpecial() + i][lane] = values[i];
  }
}

Status Block::describe(const Warp &warp) const {
  const Instruction &at = warp.next();
  return makeError(HEED_INVALID_ARGUMENT,
                   "ptx line %d: %s in '%s' (block %lld)", at.line,
                   fault.c_str(), at.text.c_str(), (long long)index);
}

Status Block::deadlock() const {
  std::string where;
  for (const Warp &warp : warps)
    if (!warp.isDone())
      where +=
          formatText("%s warp %d at line %d '%s'", where.empty() ? "" : ",",
                     warp.index, warp.next().line, warp.next().text.c_str());
  return makeError(HEED_INVALID_ARGUMENT, "deadlock in block %lld:%s",
                   (long long)index, where.c_str());
}

Status Block::runWarp(Warp &warp, bool &progress) {
  if (warp.sleep > 0) {
    --warp.sleep;
    progress = true;
    return Status();
  }
  // Short bursts interleave finely, long ones let a warp run ahead.
  uint64_t burst = 1 + launch.random() % (launch.random() % 2 ? 16 : 400);
  uint64_t before = warp.steps;
  Outcome outcome = Outcome::Next;
  while (!warp.isDone() && warp.sleep == 0 && warp.steps - before < burst) {
    outcome = warp.step();
    if (outcome == Outcome::Failed)
      return describe(warp);
    if (outcome == Outcome::Blocked)
      break;
  }
  progress |= outcome != Outcome::Blocked || warp.steps != before;
  return Status();
}

Status Block::runRound(bool &progress) {
  std::vector<int> order(warps.size());
  std::iota(order.begin(), order.end(), 0);
  std::shuffle(order.begin(), order.end(), launch.random);
  for (int i : order)
    if (!warps[i].isDone())
      if (Status error = runWarp(warps[i], progress))
        return error;
  // Copies arrive late rather than early.
  if (!loads.empty() && (!progress || launch.random() % 3 == 0))
    progress |= finishOneLoad();
  return Status();
}

Status Block::checkEnd() const {
  for (const Warp &warp : warps)
    for (int lane = 0; lane != 32; ++lane)
      if (!warp.stores[lane].empty() || !warp.openStores[lane].empty())
        return makeError(HEED_INVALID_ARGUMENT,
                         "block %lld ends while warp %d has a bulk store that "
                         "was not waited for",
                         (long long)index, warp.index);
  if (!loads.empty())
    return makeError(HEED_INVALID_ARGUMENT,
                     "block %lld ends while a bulk copy into its shared "
                     "memory is in flight",
                     (long long)index);
  return Status();
}

Status Block::run() {
  auto isDone = [](const Warp &warp) { return warp.isDone(); };
  int idleRounds = 0;
  while (!std::all_of(warps.begin(), warps.end(), isDone)) {
    bool progress = false;
    if (Status error = runRound(progress))
      return error;
    idleRounds = progress ? 0 : idleRounds + 1;
    if (idleRounds > 3)
      return deadlock();
  }
  for (const Warp &warp : warps)
    launch.counts.instructions += warp.steps;
  return checkEnd();
}

} // namespace heed::ptx
