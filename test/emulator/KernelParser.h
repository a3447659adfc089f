//===- KernelParser.h - From text to instructions ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads one kernel. Names of registers and labels are scoped by braces, as
/// inline assembly has them.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_KERNELPARSER_H
#define HEED_TEST_EMULATOR_KERNELPARSER_H

#include "test/emulator/Parser.h"
#include "test/emulator/Table.h"

#include <map>
#include <string>
#include <vector>

namespace heed::ptx {

class KernelParser {
public:
  explicit KernelParser(Parser &module) : module_(module) {}

  /// Parses from the name of the kernel to its closing brace.
  Status parse();

private:
  /// A branch to a label that is not known yet.
  struct Jump {
    size_t instruction;
    std::string label;
  };
  struct Scope {
    std::map<std::string, int, std::less<>> registers;
    std::map<std::string, int, std::less<>> labels;
    std::vector<Jump> jumps;
  };

  Status parseParameters();
  Status parseDirectives();
  Status parseLaunchBounds(std::string_view directive);
  Status parseBody();
  Status parseStatement();
  Status parseRegisters();
  Status parseLocalVariable(std::string_view space);
  Status parseInstruction();
  Status parseGuard(Instruction &instruction);
  Status parseOperands(Instruction &instruction, std::string_view mnemonic);
  Status checkSpace(std::string_view mnemonic) const;
  Status parseOperand(Operand &operand, std::string_view type);
  Status parseAddress(Operand &operand);
  Status parseList(Operand &operand, std::string_view type);
  Status parseAtom(std::string_view type, int &row);
  Status parseNumber(std::string_view type, bool negative, int &row);
  void closeScope();
  Status finish();

  int findRegister(std::string_view name) const;
  /// Returns the row of the address of a variable, or -1.
  int findSymbol(std::string_view name);
  int constantRow(uint64_t value);
  /// Turns what constantRow and specials returned into a row, now that the
  /// number of registers is known.
  void settle(int &row) const;
  void settle(Instruction &instruction) const;

  Parser &module_;
  Kernel kernel_;
  std::vector<Scope> scopes_;
  std::map<uint64_t, int> constants_;
  /// Addresses of static and dynamic shared, of local and of parameters.
  std::map<std::string, uint64_t, std::less<>> symbols_;
  /// Constants that are the address of dynamic shared memory.
  std::vector<int> dynamicShared_;
  uint64_t dynamicAlign_ = 16;
};

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_KERNELPARSER_H
