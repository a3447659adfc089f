//===- Table.cpp - The instructions that are known ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Table.h"

#include <cassert>

namespace heed::ptx {

/// Modifiers of memory instructions that change nothing here: hints, and the
/// scope and strength of orderings, which are as strong as they can be.
static bool isHint(std::string_view modifier) {
  for (std::string_view hint :
       {"weak", "volatile", "relaxed", "acquire", "release", "acq_rel", "sc",
        "cta", "cluster", "gpu", "sys", "ca", "cg", "cs", "cv", "lu", "wb",
        "wt", "nc"})
    if (modifier == hint)
      return true;
  return modifier.substr(0, 4) == "L1::" || modifier.substr(0, 4) == "L2::";
}

static bool takesHints(std::string_view root) {
  for (std::string_view known :
       {"ld", "st", "ldu", "atom", "red", "cp", "mbarrier", "fence", "membar"})
    if (root == known)
      return true;
  return false;
}

/// Returns `mnemonic` without hints. There is one block in a cluster, hence the
/// shared memory of the cluster is that of the block.
static std::string normalise(std::string_view mnemonic) {
  std::string out;
  bool strip = takesHints(mnemonic.substr(0, mnemonic.find('.')));
  for (size_t at = 0; at <= mnemonic.size();) {
    size_t end = std::min(mnemonic.find('.', at), mnemonic.size());
    std::string_view part = mnemonic.substr(at, end - at);
    if (part == "shared::cta" || part == "shared::cluster")
      part = "shared";
    if (at == 0 || !strip || !isHint(part))
      out.append(at == 0 ? "" : ".").append(part);
    at = end + 1;
  }
  return out;
}

void Table::add(const std::string &mnemonic, const Form &form) {
  assert(normalise(mnemonic) == mnemonic && "would never be found");
  [[maybe_unused]] bool isNew = forms_.emplace(mnemonic, form).second;
  assert(isNew && "added twice");
}

const Form *Table::find(std::string_view mnemonic) const {
  auto found = forms_.find(normalise(mnemonic));
  return found == forms_.end() ? nullptr : &found->second;
}

static Table makeAll() {
  Table table;
  for (auto addGroup : {addIntegerInstructions,     addBitInstructions,
                        addFloatInstructions,       addDirectedInstructions,
                        addApproximateInstructions, addCompareInstructions,
                        addConvertInstructions,     addMoveInstructions,
                        addControlInstructions,     addLoadStoreInstructions,
                        addAtomicInstructions,      addBarrierInstructions,
                        addShuffleInstructions,     addMatrixInstructions,
                        addMmaInstructions,         addAsyncCopyInstructions,
                        addMBarrierInstructions,    addBulkCopyInstructions,
                        addTensorCopyInstructions,  addWgmmaInstructions})
    addGroup(table);
  return table;
}

const Table &Table::all() {
  static const Table table = makeAll();
  return table;
}

} // namespace heed::ptx
