//===- Table.h - The instructions that are known -------------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One entry per spelling of an instruction, with all its modifiers. What is
/// not in the table is an error, never a guess. Each group of instructions adds
/// its own entries; only what is a hint (cache operators, prefetch sizes) or
/// means nothing to the emulator (the scope of an ordering) is stripped before.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_TABLE_H
#define HEED_TEST_EMULATOR_TABLE_H

#include "test/emulator/Program.h"

#include <string>
#include <string_view>
#include <unordered_map>

namespace heed::ptx {

/// How an instruction is taken apart and run.
struct Form {
  Execute execute;
  int results;      ///< Leading operands that it writes; -1: see to it itself.
  int operands;     ///< All operands.
  int optional = 0; ///< How many more there may be.
  Variant variant = {};
};

class Table {
public:
  void add(const std::string &mnemonic, const Form &form);
  const Form *find(std::string_view mnemonic) const;

  /// Returns all instructions.
  static const Table &all();

private:
  std::unordered_map<std::string, Form> forms_;
};

void addIntegerInstructions(Table &table);
void addBitInstructions(Table &table);
void addFloatInstructions(Table &table);
void addDirectedInstructions(Table &table);
void addApproximateInstructions(Table &table);
void addCompareInstructions(Table &table);
void addConvertInstructions(Table &table);
void addMoveInstructions(Table &table);
void addControlInstructions(Table &table);
void addLoadStoreInstructions(Table &table);
void addAtomicInstructions(Table &table);
void addBarrierInstructions(Table &table);
void addShuffleInstructions(Table &table);
void addMatrixInstructions(Table &table);
void addMmaInstructions(Table &table);
void addAsyncCopyInstructions(Table &table);
void addMBarrierInstructions(Table &table);
void addBulkCopyInstructions(Table &table);
void addTensorCopyInstructions(Table &table);
void addWgmmaInstructions(Table &table);

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_TABLE_H
