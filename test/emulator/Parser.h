//===- Parser.h - From PTX text to a program ------------------ -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Module-level PTX: variables and kernels. Functions other than kernels are
/// skipped, since calls are refused. Bodies of kernels: KernelParser.h.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_PARSER_H
#define HEED_TEST_EMULATOR_PARSER_H

#include "test/emulator/Program.h"
#include "test/emulator/Scanner.h"

#include <map>
#include <string>

namespace heed::ptx {

/// `.align 8 .b8 name[16]`, behind its space.
struct Declaration {
  std::string name;
  uint64_t align = 1;
  uint64_t elementBytes = 1;
  uint64_t elements = 1; ///< 0: `name[]`.

  uint64_t bytes() const { return elementBytes * elements; }
};

/// A variable in shared memory that kernels share the name of.
struct SharedVariable {
  Declaration declaration;
  bool isExtern = false;
};

class Parser {
public:
  Parser(std::string_view text, Program &program)
      : scanner(text), program(program) {}

  Status parseModule();

  /// What kernels need of the module.
  Scanner scanner;
  Program &program;
  std::map<std::string, SharedVariable, std::less<>> sharedVariables;

  Status parseDeclaration(Declaration &declaration);
  Status parseInteger(int64_t &value);
  Status expect(std::string_view token);
  Status error(const std::string &what) const;
  const Variable *findVariable(std::string_view name) const;

private:
  Status parseTopLevel();
  Status parseVariable(bool writable);
  Status parseInitialiser(const Declaration &declaration, uint8_t *bytes);
  Status parseElement(uint64_t &value);
  void skipFunction();
};

/// Reads an integer as PTX spells it: decimal, hexadecimal, octal or binary,
/// with or without the suffix U.
bool readInteger(std::string_view word, uint64_t &value);

/// The bytes of a type, "b32" or ".b32"; 0 if it is none.
uint64_t typeBytes(std::string_view type);

inline uint64_t alignTo(uint64_t value, uint64_t align) {
  return (value + align - 1) / align * align;
}

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_PARSER_H
