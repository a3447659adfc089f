//===- ControlFlow.cpp - Where divergent paths meet again -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/ControlFlow.h"

#include "test/emulator/Table.h"

namespace heed::ptx {

/// The instructions that may follow `at`; code.size() is the end.
static std::vector<int> successors(const std::vector<Instruction> &code,
                                   int at) {
  const Instruction &instruction = code[at];
  std::vector<int> out;
  if (instruction.target >= 0)
    out.push_back(instruction.target);
  else if (endsLanes(instruction))
    out.push_back(int(code.size()));
  bool always = instruction.guard < 0 && !out.empty();
  if (!always)
    out.push_back(at + 1);
  return out;
}

bool endsLanes(const Instruction &instruction) {
  return instruction.execute == Table::all().find("ret")->execute;
}

namespace {
/// Post-dominators by Cooper, Harvey and Kennedy: over the reversed graph, each
/// node's nearest dominator is where the chains of its successors meet.
class PostDominators {
public:
  explicit PostDominators(const std::vector<Instruction> &code)
      : end_(int(code.size())), order_(end_ + 1, -1), nearest_(end_ + 1, -1),
        next_(end_) {
    for (int at = 0; at != end_; ++at)
      next_[at] = successors(code, at);
    number();
    nearest_[end_] = end_;
    for (bool changed = true; changed;) {
      changed = false;
      for (int at : byOrder_)
        changed |= update(at);
    }
  }

  int nearest(int at) const { return nearest_[at] < 0 ? end_ : nearest_[at]; }

private:
  /// Numbers what reaches the end, predecessors first visited from the end.
  void number() {
    std::vector<std::vector<int>> previous(end_ + 1);
    for (int at = 0; at != end_; ++at)
      for (int next : next_[at])
        previous[next].push_back(at);
    std::vector<std::pair<int, size_t>> stack = {{end_, 0}};
    std::vector<bool> seen(end_ + 1);
    std::vector<int> finished;
    seen[end_] = true;
    while (!stack.empty()) {
      auto &[at, i] = stack.back();
      if (i == previous[at].size()) {
        finished.push_back(at);
        stack.pop_back();
        continue;
      }
      int before = previous[at][i++];
      if (!seen[before]) {
        seen[before] = true;
        stack.push_back({before, 0});
      }
    }
    byOrder_.assign(finished.rbegin(), finished.rend());
    for (size_t i = 0; i != byOrder_.size(); ++i)
      order_[byOrder_[i]] = int(i);
  }

  int meet(int a, int b) const {
    while (a != b)
      if (order_[a] > order_[b])
        a = nearest_[a];
      else
        b = nearest_[b];
    return a;
  }

  bool update(int at) {
    if (at == end_)
      return false;
    int best = -1;
    for (int next : next_[at])
      if (order_[next] >= 0 && nearest_[next] >= 0)
        best = best < 0 ? next : meet(best, next);
    bool changed = nearest_[at] != best;
    nearest_[at] = best;
    return changed;
  }

  int end_;
  std::vector<int> order_, nearest_, byOrder_;
  std::vector<std::vector<int>> next_;
};
} // namespace

void findReconvergence(std::vector<Instruction> &code) {
  PostDominators dominators(code);
  for (size_t at = 0; at != code.size(); ++at)
    if (code[at].target >= 0)
      code[at].reconverge = dominators.nearest(int(at));
}

} // namespace heed::ptx
