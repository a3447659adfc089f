//===- Shuffle.cpp - Values from other lanes ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

#include <algorithm>

namespace heed::ptx {

namespace {

/// All lanes of the mask must be here; those that are elsewhere would make the
/// result undefined.
bool areConverged(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  int row = instruction.operands.back().rows[0];
  uint32_t mask = uint32_t(warp.rows[row][__builtin_ctz(lanes)]);
  if ((mask & warp.live) == lanes)
    return true;
  warp.fail("lanes %#x are there, those of %#x are wanted", lanes, mask);
  return false;
}

enum Direction { Up, Down, Bfly, Idx };

/// Returns the source lane, and whether it lies within the segment.
std::pair<int, bool> sourceOf(int32_t direction, int lane, uint32_t by,
                              uint32_t c) {
  int segment = int(c >> 8 & 31), clamp = int(c & 31), b = int(by & 31);
  int first = lane & segment;
  int last = first | (clamp & ~segment);
  switch (direction) {
  case Up:
    return {lane - b, lane - b >= last};
  case Down:
    return {lane + b, lane + b <= last};
  case Bfly:
    return {lane ^ b, (lane ^ b) <= last};
  default: {
    int source = first | (b & ~segment);
    return {source, source <= last};
  }
  }
}

/// shfl.sync d|p, a, b, c, mask. variant: direction.
Outcome shuffle(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  if (!areConverged(warp, instruction, lanes))
    return Outcome::Failed;
  Lanes values = warp.rows[instruction.row(1)];
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    auto [source, isInside] =
        sourceOf(instruction.variant[0], lane,
                 uint32_t(warp.rows[instruction.row(2)][lane]),
                 uint32_t(warp.rows[instruction.row(3)][lane]));
    if (!isInside)
      source = lane;
    if (!(lanes >> source & 1)) {
      outcome =
          warp.fail("lane %d reads lane %d, which is not there", lane, source);
      return;
    }
    const std::vector<int> &to = instruction.operands[0].rows;
    if (to[0] >= 0)
      warp.rows[to[0]][lane] = uint32_t(values[source]);
    if (to.size() > 1 && to[1] >= 0)
      warp.rows[to[1]][lane] = isInside;
  });
  return outcome;
}

enum Vote { Any, All, Uni, Ballot };

Outcome vote(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  if (!areConverged(warp, instruction, lanes))
    return Outcome::Failed;
  uint32_t yes = 0;
  forEachLane(lanes, [&](int lane) {
    yes |= uint32_t(warp.rows[instruction.row(1)][lane] & 1) << lane;
  });
  bool all = yes == lanes;
  uint32_t results[] = {yes != 0, all, all || yes == 0, yes};
  forEachLane(lanes, [&](int lane) {
    warp.rows[instruction.row(0)][lane] = results[instruction.variant[0]];
  });
  return Outcome::Next;
}

Outcome activeMask(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  forEachLane(lanes,
              [&](int lane) { warp.rows[instruction.row(0)][lane] = lanes; });
  return Outcome::Next;
}

struct Add {
  template <typename T> T operator()(T a, T b) const {
    return T(uint32_t(a) + uint32_t(b));
  }
};
struct Min {
  template <typename T> T operator()(T a, T b) const { return std::min(a, b); }
};
struct Max {
  template <typename T> T operator()(T a, T b) const { return std::max(a, b); }
};
struct And {
  template <typename T> T operator()(T a, T b) const { return a & b; }
};
struct Or {
  template <typename T> T operator()(T a, T b) const { return a | b; }
};
struct Xor {
  template <typename T> T operator()(T a, T b) const { return a ^ b; }
};

template <typename T, typename Op>
Outcome reduce(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  if (!areConverged(warp, instruction, lanes))
    return Outcome::Failed;
  const Lanes &values = warp.rows[instruction.row(1)];
  int first = __builtin_ctz(lanes);
  T result = as<T>(values[first]);
  forEachLane(lanes & (lanes - 1),
              [&](int lane) { result = Op()(result, as<T>(values[lane])); });
  forEachLane(lanes, [&](int lane) {
    warp.rows[instruction.row(0)][lane] = bits(result);
  });
  return Outcome::Next;
}

/// elect.sync d|p, mask: one lane, whichever.
Outcome elect(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  if (!areConverged(warp, instruction, lanes))
    return Outcome::Failed;
  int leader = __builtin_ctz(lanes);
  const std::vector<int> &to = instruction.operands[0].rows;
  forEachLane(lanes, [&](int lane) {
    if (to[0] >= 0)
      warp.rows[to[0]][lane] = uint64_t(leader);
    if (to.size() > 1 && to[1] >= 0)
      warp.rows[to[1]][lane] = lane == leader;
  });
  return Outcome::Next;
}

/// What only tells the hardware how to share registers or to start grids.
Outcome wholeWarpHint(Warp &warp, const Instruction &, uint32_t lanes) {
  return lanes == allLanes ? Outcome::Next
                           : warp.fail("warp %d is divergent", warp.index);
}

} // namespace

void addShuffleInstructions(Table &table) {
  table.add("shfl.sync.up.b32", {shuffle, 1, 5, 0, {Up}});
  table.add("shfl.sync.down.b32", {shuffle, 1, 5, 0, {Down}});
  table.add("shfl.sync.bfly.b32", {shuffle, 1, 5, 0, {Bfly}});
  table.add("shfl.sync.idx.b32", {shuffle, 1, 5, 0, {Idx}});
  table.add("vote.sync.any.pred", {vote, 1, 3, 0, {Any}});
  table.add("vote.sync.all.pred", {vote, 1, 3, 0, {All}});
  table.add("vote.sync.uni.pred", {vote, 1, 3, 0, {Uni}});
  table.add("vote.sync.ballot.b32", {vote, 1, 3, 0, {Ballot}});
  table.add("activemask.b32", {activeMask, 1, 1});
  table.add("redux.sync.add.s32", {reduce<int32_t, Add>, 1, 3});
  table.add("redux.sync.add.u32", {reduce<uint32_t, Add>, 1, 3});
  table.add("redux.sync.min.s32", {reduce<int32_t, Min>, 1, 3});
  table.add("redux.sync.min.u32", {reduce<uint32_t, Min>, 1, 3});
  table.add("redux.sync.max.s32", {reduce<int32_t, Max>, 1, 3});
  table.add("redux.sync.max.u32", {reduce<uint32_t, Max>, 1, 3});
  table.add("redux.sync.and.b32", {reduce<uint32_t, And>, 1, 3});
  table.add("redux.sync.or.b32", {reduce<uint32_t, Or>, 1, 3});
  table.add("redux.sync.xor.b32", {reduce<uint32_t, Xor>, 1, 3});
  table.add("elect.sync", {elect, 1, 2});
  table.add("setmaxnreg.inc.sync.aligned.u32", {wholeWarpHint, 0, 1});
  table.add("setmaxnreg.dec.sync.aligned.u32", {wholeWarpHint, 0, 1});
  table.add("griddepcontrol.wait", {wholeWarpHint, 0, 0});
  table.add("griddepcontrol.launch_dependents", {wholeWarpHint, 0, 0});
}

} // namespace heed::ptx
