//===- Move.cpp - Moves, addresses, and where to go next ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

namespace heed::ptx {

namespace {

/// Keeps the low `bytes` of a row.
uint64_t truncated(uint64_t row, int32_t bytes) {
  return bytes >= 8 ? row : row & ((uint64_t(1) << (8 * bytes)) - 1);
}

/// mov: variant[0] bytes, of which a list on one side holds equal parts, the
/// lowest first.
Outcome move(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  const std::vector<int> &to = instruction.operands[0].rows;
  const std::vector<int> &from = instruction.operands[1].rows;
  int32_t bytes = instruction.variant[0];
  if (to.size() == 1 && from.size() == 1 && to[0] >= 0) {
    forEachLane(lanes, [&](int lane) {
      warp.rows[to[0]][lane] = truncated(warp.rows[from[0]][lane], bytes);
    });
    return Outcome::Next;
  }
  if (bytes % int(to.size()) != 0 || bytes % int(from.size()) != 0)
    return warp.fail("cannot divide %d bytes evenly", bytes);
  int32_t toBytes = bytes / int(to.size());
  int32_t fromBytes = bytes / int(from.size());
  forEachLane(lanes, [&](int lane) {
    uint64_t value = 0;
    for (size_t i = 0; i != from.size(); ++i)
      value |= truncated(warp.rows[from[i]][lane], fromBytes)
               << (8 * fromBytes * i);
    for (size_t i = 0; i != to.size(); ++i)
      if (to[i] >= 0)
        warp.rows[to[i]][lane] = truncated(value >> (8 * toBytes * i), toBytes);
  });
  return Outcome::Next;
}

/// Generic addresses of global memory are its addresses; those of the other
/// spaces lie in a window. variant[0]: the window; variant[1]: into the space.
template <uint64_t window, bool isTo>
Outcome convertAddress(Warp &warp, const Instruction &instruction,
                       uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    uint64_t address = warp.rows[instruction.row(1)][lane];
    if (isTo && (address & windowMask) != window)
      outcome = warp.fail("%#llx is no generic address of that space",
                          static_cast<unsigned long long>(address));
    warp.rows[instruction.row(0)][lane] =
        isTo ? address & ~windowMask : address | window;
  });
  return outcome;
}

/// isspacep: whether a generic address lies in the window.
template <uint64_t window>
Outcome isInSpace(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  forEachLane(lanes, [&](int lane) {
    uint64_t address = warp.rows[instruction.row(1)][lane];
    warp.rows[instruction.row(0)][lane] = (address & windowMask) == window;
  });
  return Outcome::Next;
}

Outcome branch(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Path &path = warp.paths.back();
  uint32_t others = path.lanes & ~lanes;
  int behind = path.pc + 1;
  if (others == 0 || lanes == 0) {
    path.pc = others == 0 ? instruction.target : behind;
    return Outcome::Jumped;
  }
  int end = instruction.reconverge;
  path.pc = end;
  warp.paths.push_back({behind, end, others});
  warp.paths.push_back({instruction.target, end, lanes});
  return Outcome::Jumped;
}

Outcome leave(Warp &warp, const Instruction &, uint32_t lanes) {
  warp.live &= ~lanes;
  for (Path &path : warp.paths)
    path.lanes &= ~lanes;
  return Outcome::Next;
}

Outcome trap(Warp &warp, const Instruction &, uint32_t) {
  return warp.fail("warp %d runs into a trap", warp.index);
}

Outcome nothing(Warp &, const Instruction &, uint32_t) { return Outcome::Next; }

template <uint64_t window>
void addSpace(Table &table, const std::string &space) {
  for (const char *width : {".u64", ".u32"}) {
    table.add("cvta." + space + width, {convertAddress<window, false>, 1, 2});
    table.add("cvta.to." + space + width, {convertAddress<window, true>, 1, 2});
  }
  table.add("isspacep." + space, {isInSpace<window>, 1, 2});
}

} // namespace

void addMoveInstructions(Table &table) {
  table.add("mov.pred", {move, 1, 2, 0, {1}});
  for (const char *kind : {"b", "u", "s"}) {
    table.add(std::string("mov.") + kind + "16", {move, 1, 2, 0, {2}});
    table.add(std::string("mov.") + kind + "32", {move, 1, 2, 0, {4}});
    table.add(std::string("mov.") + kind + "64", {move, 1, 2, 0, {8}});
  }
  table.add("mov.f32", {move, 1, 2, 0, {4}});
  table.add("mov.f64", {move, 1, 2, 0, {8}});
  addSpace<0>(table, "global");
  addSpace<0>(table, "const");
  addSpace<sharedWindow>(table, "shared");
  addSpace<localWindow>(table, "local");
  addSpace<paramWindow>(table, "param");
}

void addControlInstructions(Table &table) {
  table.add("bra", {branch, 0, 1});
  table.add("bra.uni", {branch, 0, 1});
  table.add("ret", {leave, 0, 0});
  table.add("ret.uni", {leave, 0, 0});
  table.add("exit", {leave, 0, 0});
  table.add("trap", {trap, 0, 0});
  table.add("nanosleep.u32", {nothing, 0, 1});
  for (const char *space : {"", ".global"})
    for (const char *level : {".L1", ".L2"})
      table.add(std::string("prefetch") + space + level, {nothing, 0, 1});
}

} // namespace heed::ptx
