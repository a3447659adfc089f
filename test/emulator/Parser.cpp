//===- Parser.cpp - From PTX text to a program ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Parser.h"

#include "test/emulator/KernelParser.h"

#include <cstdlib>
#include <cstring>

namespace heed::ptx {

bool readInteger(std::string_view word, uint64_t &value) {
  if (word.empty() || word[0] < '0' || word[0] > '9')
    return false;
  if (word.back() == 'U')
    word.remove_suffix(1);
  int base = 10;
  if (word.size() > 1 && word[0] == '0') {
    bool hex = word[1] == 'x' || word[1] == 'X';
    bool binary = word[1] == 'b' || word[1] == 'B';
    base = hex ? 16 : binary ? 2 : 8;
    word.remove_prefix(hex || binary ? 2 : 1);
  }
  std::string digits(word);
  char *end = nullptr;
  value = std::strtoull(digits.c_str(), &end, base);
  return !digits.empty() && *end == '\0';
}

uint64_t typeBytes(std::string_view type) {
  if (!type.empty() && type[0] == '.')
    type.remove_prefix(1);
  if (type == "pred")
    return 1;
  if (type == "f16x2" || type == "bf16x2")
    return 4;
  size_t digits = type.find_first_of("0123456789");
  if (digits == 0 || digits > 2 || digits == std::string_view::npos)
    return 0;
  uint64_t bits = 0;
  bool known = readInteger(type.substr(digits), bits);
  return known && bits % 8 == 0 && bits <= 128 ? bits / 8 : 0;
}

Status Parser::error(const std::string &what) const {
  return makeError(HEED_INVALID_ARGUMENT, "ptx line %d: %s, found '%s'",
                   scanner.line(), what.c_str(),
                   std::string(scanner.token()).c_str());
}

Status Parser::expect(std::string_view token) {
  if (scanner.accept(token))
    return Status();
  return error("expected '" + std::string(token) + "'");
}

Status Parser::parseInteger(int64_t &value) {
  bool negative = scanner.accept("-");
  uint64_t magnitude = 0;
  if (!readInteger(scanner.token(), magnitude))
    return error("expected an integer");
  scanner.advance();
  value = int64_t(negative ? 0 - magnitude : magnitude);
  return Status();
}

Status Parser::parseDeclaration(Declaration &declaration) {
  bool isAligned = false;
  while (scanner.token().substr(0, 1) == ".") {
    std::string_view word = scanner.take();
    int64_t align = 0;
    if (word == ".align") {
      if (Status error = parseInteger(align))
        return error;
      if (align < 1 || (align & (align - 1)) != 0)
        return error("expected an alignment that is a power of 2");
      declaration.align = uint64_t(align);
      isAligned = true;
    } else if (uint64_t bytes = typeBytes(word)) {
      declaration.elementBytes = bytes;
    } else if (word != ".ptr" && word != ".global" && word != ".shared") {
      return error("expected a declaration, got '" + std::string(word) + "'");
    }
  }
  if (!isAligned)
    declaration.align = declaration.elementBytes;
  declaration.name = std::string(scanner.take());
  while (scanner.accept("[")) {
    int64_t count = 0;
    if (!scanner.is("]"))
      if (Status error = parseInteger(count))
        return error;
    if (Status error = expect("]"))
      return error;
    if (count < 0 || count > (int64_t(1) << 30))
      return error("expected an array of a sensible size");
    declaration.elements *= uint64_t(count);
  }
  return Status();
}

const Variable *Parser::findVariable(std::string_view name) const {
  for (const Variable &variable : program.variables)
    if (variable.name == name)
      return &variable;
  return nullptr;
}

/// Parses a number, `name`, `generic(name)` or `name+8`.
Status Parser::parseElement(uint64_t &value) {
  int64_t number = 0;
  if (scanner.is("-") || readInteger(scanner.token(), value)) {
    Status failed = parseInteger(number);
    value = uint64_t(number);
    return failed;
  }
  bool isGeneric = scanner.accept("generic");
  if (isGeneric)
    if (Status error = expect("("))
      return error;
  const Variable *variable = findVariable(scanner.token());
  if (!variable)
    return error("expected a number or a variable that is declared before");
  scanner.advance();
  if (isGeneric)
    if (Status error = expect(")"))
      return error;
  if (scanner.accept("+"))
    if (Status error = parseInteger(number))
      return error;
  value = variable->address + uint64_t(number);
  return Status();
}

Status Parser::parseInitialiser(const Declaration &declaration,
                                uint8_t *bytes) {
  bool isList = scanner.accept("{");
  for (uint64_t i = 0; !scanner.is("}"); ++i) {
    uint64_t value = 0;
    if (i == declaration.elements)
      return error("expected no more than " + std::to_string(i) + " elements");
    if (Status error = parseElement(value))
      return error;
    std::memcpy(bytes + i * declaration.elementBytes, &value,
                std::min<uint64_t>(declaration.elementBytes, 8));
    if (!isList)
      return Status();
    if (!scanner.accept(",") && !scanner.is("}"))
      return error("expected ',' or '}'");
  }
  return expect("}");
}

Status Parser::parseVariable(bool writable) {
  Declaration declaration;
  if (Status error = parseDeclaration(declaration))
    return error;
  Variable variable;
  variable.name = declaration.name;
  variable.bytes = declaration.bytes();
  variable.writable = writable;
  variable.storage = std::make_unique<uint64_t[]>(variable.bytes / 8 + 34);
  variable.address =
      alignTo(reinterpret_cast<uintptr_t>(variable.storage.get()), 256);
  program.variables.push_back(std::move(variable));
  uint8_t *bytes =
      reinterpret_cast<uint8_t *>(program.variables.back().address);
  if (scanner.accept("="))
    if (Status error = parseInitialiser(declaration, bytes))
      return error;
  return expect(";");
}

void Parser::skipFunction() {
  while (!scanner.atEnd() && !scanner.is("{") && !scanner.is(";"))
    scanner.advance();
  if (!scanner.accept(";"))
    scanner.skipBraces();
}

Status Parser::parseTopLevel() {
  bool isExtern = false;
  while (scanner.is(".visible") || scanner.is(".extern") ||
         scanner.is(".weak") || scanner.is(".common"))
    isExtern |= scanner.take() == ".extern";
  if (scanner.accept(".entry"))
    return KernelParser(*this).parse();
  if (scanner.accept(".global"))
    return isExtern ? error("expected no extern .global") : parseVariable(true);
  if (scanner.accept(".const"))
    return parseVariable(false);
  if (scanner.accept(".shared")) {
    SharedVariable variable;
    variable.isExtern = isExtern;
    if (Status error = parseDeclaration(variable.declaration))
      return error;
    sharedVariables[variable.declaration.name] = variable;
    return expect(";");
  }
  if (scanner.accept(".pragma")) {
    scanner.skipPast(";");
  } else if (scanner.is(".func")) {
    skipFunction();
  } else if (scanner.accept(".section")) {
    scanner.advance();
    scanner.skipBraces();
  } else {
    return error("expected a variable or a kernel");
  }
  return Status();
}

Status Parser::parseModule() {
  while (!scanner.atEnd())
    if (Status error = parseTopLevel())
      return error;
  return Status();
}

} // namespace heed::ptx
