//===- KernelParser.cpp - From the text of a kernel to instructions -------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/KernelParser.h"

#include "test/emulator/ControlFlow.h"

#include <algorithm>

namespace heed::ptx {

Status KernelParser::parse() {
  kernel_.name = std::string(module_.scanner.take());
  if (Status error = parseParameters())
    return error;
  if (Status error = parseDirectives())
    return error;
  if (Status error = parseBody())
    return error;
  return finish();
}

Status KernelParser::parseParameters() {
  Scanner &scanner = module_.scanner;
  if (!scanner.accept("("))
    return Status();
  while (!scanner.accept(")")) {
    if (Status error = module_.expect(".param"))
      return error;
    Declaration declaration;
    if (Status error = module_.parseDeclaration(declaration))
      return error;
    kernel_.paramBytes = alignTo(kernel_.paramBytes, declaration.align);
    symbols_[declaration.name] = kernel_.paramBytes;
    kernel_.parameters.push_back({declaration.name, kernel_.paramBytes,
                                  declaration.bytes(), declaration.align});
    kernel_.paramBytes += declaration.bytes();
    if (!scanner.accept(",") && !scanner.is(")"))
      return module_.error("expected ',' or ')'");
  }
  return Status();
}

Status KernelParser::parseLaunchBounds(std::string_view directive) {
  int64_t product = 1;
  do {
    int64_t value = 0;
    if (Status error = module_.parseInteger(value))
      return error;
    product *= value;
  } while (module_.scanner.accept(","));
  if (directive == ".reqntid")
    kernel_.requiredThreads = uint32_t(product);
  else if (directive == ".maxntid")
    kernel_.maxThreads = uint32_t(product);
  else if (directive == ".reqnctapercluster" && product != 1)
    return module_.error("expected clusters of 1 block");
  return Status();
}

Status KernelParser::parseDirectives() {
  Scanner &scanner = module_.scanner;
  while (!scanner.is("{")) {
    std::string_view word = scanner.take();
    if (word == ".reqntid" || word == ".maxntid" || word == ".maxnreg" ||
        word == ".minnctapersm" || word == ".reqnctapercluster") {
      if (Status error = parseLaunchBounds(word))
        return error;
    } else if (word == ".pragma") {
      scanner.skipPast(";");
    } else if (word != ".noreturn") {
      return module_.error("expected a directive or '{', got '" +
                           std::string(word) + "'");
    }
  }
  return Status();
}

Status KernelParser::parseBody() {
  Scanner &scanner = module_.scanner;
  do {
    if (scanner.atEnd())
      return module_.error("expected '}'");
    if (scanner.accept("{"))
      scopes_.emplace_back();
    else if (scanner.accept("}"))
      closeScope();
    else if (Status error = parseStatement())
      return error;
  } while (!scopes_.empty());
  return Status();
}

/// Resolves the jumps of the innermost scope as far as its labels go.
void KernelParser::closeScope() {
  Scope scope = std::move(scopes_.back());
  scopes_.pop_back();
  for (Jump &jump : scope.jumps) {
    auto label = scope.labels.find(jump.label);
    if (label != scope.labels.end())
      kernel_.code[jump.instruction].target = label->second;
    else if (!scopes_.empty())
      scopes_.back().jumps.push_back(std::move(jump));
  }
}

Status KernelParser::parseStatement() {
  Scanner &scanner = module_.scanner;
  if (scanner.accept(".reg"))
    return parseRegisters();
  if (scanner.is(".shared") || scanner.is(".local"))
    return parseLocalVariable(scanner.take());
  if (scanner.accept(".pragma")) {
    scanner.skipPast(";");
    return Status();
  }
  if (scanner.accept(";"))
    return Status();
  if (!scanner.is("@")) {
    Scanner ahead = scanner;
    std::string_view word = ahead.take();
    if (ahead.accept(":")) {
      scopes_.back().labels[std::string(word)] = int(kernel_.code.size());
      scanner = ahead;
      return Status();
    }
  }
  return parseInstruction();
}

Status KernelParser::parseRegisters() {
  Scanner &scanner = module_.scanner;
  std::string_view type = scanner.take();
  uint64_t bytes = typeBytes(type);
  if (bytes == 0 || bytes > 8)
    return module_.error("expected registers of at most 64 bits, got '" +
                         std::string(type) + "'");
  do {
    std::string name(scanner.take());
    int64_t count = 1;
    if (scanner.accept("<")) {
      if (Status error = module_.parseInteger(count))
        return error;
      if (count < 0 || count > (1 << 20))
        return module_.error("expected at most 2^20 registers");
      if (Status error = module_.expect(">"))
        return error;
      for (int64_t i = 0; i != count; ++i)
        scopes_.back().registers[name + std::to_string(i)] =
            kernel_.registers + int(i);
    } else {
      scopes_.back().registers[name] = kernel_.registers;
    }
    kernel_.registers += int(count);
  } while (scanner.accept(","));
  return module_.expect(";");
}

Status KernelParser::parseLocalVariable(std::string_view space) {
  Declaration declaration;
  if (Status error = module_.parseDeclaration(declaration))
    return error;
  if (space == ".shared") {
    module_.sharedVariables[declaration.name] = {declaration, false};
    return module_.expect(";");
  }
  // Not from 0 on, so that 0 is no address.
  uint64_t begin = std::max<uint64_t>(kernel_.localBytes, 16);
  begin = alignTo(begin, declaration.align);
  symbols_[declaration.name] = begin;
  kernel_.localBytes = begin + declaration.bytes();
  return module_.expect(";");
}

Status KernelParser::parseGuard(Instruction &instruction) {
  Scanner &scanner = module_.scanner;
  if (!scanner.accept("@"))
    return Status();
  instruction.guardNegated = scanner.accept("!");
  instruction.guard = findRegister(scanner.token());
  if (instruction.guard < 0)
    return module_.error("expected a predicate");
  scanner.advance();
  return Status();
}

/// Bytes of an access to shared memory by a plain instruction, else 4.
static uint32_t accessBytes(std::string_view mnemonic) {
  std::string_view root = mnemonic.substr(0, mnemonic.find('.'));
  if (root != "ld" && root != "st" && root != "atom" && root != "red")
    return 4;
  for (std::string_view other : {".global", ".param", ".local", ".const"})
    if (mnemonic.find(other) != std::string_view::npos)
      return 4;
  uint64_t bytes = typeBytes(mnemonic.substr(mnemonic.rfind('.')));
  return uint32_t(std::clamp<uint64_t>(bytes, 1, 4));
}

Status KernelParser::parseInstruction() {
  Scanner &scanner = module_.scanner;
  Instruction instruction;
  instruction.line = scanner.line();
  instruction.text = scanner.statement();
  if (Status error = parseGuard(instruction))
    return error;
  std::string mnemonic(scanner.token());
  const Form *form = Table::all().find(mnemonic);
  if (!form)
    return makeError(HEED_INVALID_ARGUMENT,
                     "ptx line %d: unknown instruction '%s'", instruction.line,
                     instruction.text.c_str());
  scanner.advance();
  instruction.execute = form->execute;
  instruction.variant = form->variant;
  if (mnemonic == "bra" || mnemonic == "bra.uni") {
    scopes_.back().jumps.push_back(
        {kernel_.code.size(), std::string(scanner.take())});
    instruction.operands.emplace_back();
  } else if (Status error = parseOperands(instruction, mnemonic)) {
    return error;
  }
  int count = int(instruction.operands.size());
  if (count < form->operands || count > form->operands + form->optional)
    return module_.error(formatText("expected %d operands, got %d in '%s'",
                                    form->operands, count,
                                    instruction.text.c_str()));
  for (int i = 0; i != count && form->results >= 0; ++i)
    for (int row : instruction.operands[i].rows)
      if (i < form->results && !instruction.operands[i].isAddress)
        instruction.writes.push_back(row);
      else
        instruction.reads.push_back(row);
  kernel_.granule = std::min(kernel_.granule, accessBytes(mnemonic));
  kernel_.code.push_back(std::move(instruction));
  return module_.expect(";");
}

Status KernelParser::finish() {
  kernel_.code.emplace_back();
  kernel_.code.back().execute = Table::all().find("ret")->execute;
  kernel_.code.back().text = "end of the kernel";
  kernel_.sharedBytes = alignTo(kernel_.sharedBytes, dynamicAlign_);
  for (int constant : dynamicShared_)
    kernel_.constants[constant] = sharedBase + kernel_.sharedBytes;
  for (Instruction &instruction : kernel_.code) {
    settle(instruction);
    bool isBranch = instruction.execute == Table::all().find("bra")->execute;
    if (isBranch && instruction.target < 0)
      return makeError(HEED_INVALID_ARGUMENT, "ptx line %d: no label for '%s'",
                       instruction.line, instruction.text.c_str());
  }
  findReconvergence(kernel_.code);
  module_.program.kernels.push_back(std::move(kernel_));
  return Status();
}

} // namespace heed::ptx
