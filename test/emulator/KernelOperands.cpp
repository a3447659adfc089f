//===- KernelOperands.cpp - Operands of instructions ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/KernelParser.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace heed::ptx {

/// Rows behind the registers, until their number is known.
static constexpr int constantMark = 1 << 24;
static constexpr int specialMark = 1 << 25;

static int findSpecial(std::string_view name) {
  static constexpr std::string_view names[] = {"%tid.x",
                                               "%tid.y",
                                               "%tid.z",
                                               "%ntid.x",
                                               "%ntid.y",
                                               "%ntid.z",
                                               "%ctaid.x",
                                               "%ctaid.y",
                                               "%ctaid.z",
                                               "%nctaid.x",
                                               "%nctaid.y",
                                               "%nctaid.z",
                                               "%laneid",
                                               "%warpid",
                                               "%nwarpid",
                                               "%lanemask_eq",
                                               "%lanemask_lt",
                                               "%lanemask_le",
                                               "%lanemask_gt",
                                               "%lanemask_ge",
                                               "%cluster_ctarank",
                                               "%cluster_nctarank",
                                               "%dynamic_smem_size",
                                               "%total_smem_size"};
  static_assert(std::size(names) == specialCount);
  const auto *found = std::find(std::begin(names), std::end(names), name);
  return found == std::end(names) ? -1 : int(found - names);
}

int KernelParser::findRegister(std::string_view name) const {
  for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
    auto found = scope->registers.find(name);
    if (found != scope->registers.end())
      return found->second;
  }
  return -1;
}

int KernelParser::constantRow(uint64_t value) {
  auto [entry, isNew] =
      constants_.try_emplace(value, int(kernel_.constants.size()));
  if (isNew)
    kernel_.constants.push_back(value);
  return constantMark + entry->second;
}

int KernelParser::findSymbol(std::string_view name) {
  auto known = symbols_.find(name);
  if (known != symbols_.end())
    return constantRow(known->second);
  if (const Variable *variable = module_.findVariable(name))
    return constantRow(variable->address);
  auto shared = module_.sharedVariables.find(name);
  if (shared == module_.sharedVariables.end())
    return -1;
  const Declaration &declaration = shared->second.declaration;
  if (shared->second.isExtern) {
    dynamicAlign_ = std::max(dynamicAlign_, declaration.align);
    dynamicShared_.push_back(int(kernel_.constants.size()));
    kernel_.constants.push_back(0);
    return constantMark + dynamicShared_.back();
  }
  kernel_.sharedBytes = alignTo(kernel_.sharedBytes, declaration.align);
  uint64_t address = sharedBase + kernel_.sharedBytes;
  kernel_.sharedBytes += declaration.bytes();
  symbols_[declaration.name] = address;
  return constantRow(address);
}

void KernelParser::settle(int &row) const {
  if (row >= specialMark)
    row += kernel_.firstSpecial() - specialMark;
  else if (row >= constantMark)
    row += kernel_.registers - constantMark;
}

void KernelParser::settle(Instruction &instruction) const {
  for (Operand &operand : instruction.operands)
    for (int &row : operand.rows)
      settle(row);
  auto keepRegisters = [&](std::vector<int> &rows) {
    auto isOther = [&](int row) { return row < 0 || row >= constantMark; };
    rows.erase(std::remove_if(rows.begin(), rows.end(), isOther), rows.end());
  };
  keepRegisters(instruction.reads);
  keepRegisters(instruction.writes);
}

/// Turns a floating-point literal into the bits of `type`. 0f3F800000 and
/// 0d3FF0000000000000 give the bits themselves.
static bool readFloat(std::string_view word, bool isDouble, uint64_t &value) {
  std::string digits(word);
  char *end = nullptr;
  char kind = word.size() > 2 && word[0] == '0' ? char(word[1] | 0x20) : ' ';
  if ((kind == 'f' && word.size() == 10) ||
      (kind == 'd' && word.size() == 18)) {
    value = std::strtoull(digits.c_str() + 2, &end, 16);
    return *end == '\0' && (kind == 'd') == isDouble;
  }
  if (word.find('.') == std::string_view::npos)
    return false;
  double wide = std::strtod(digits.c_str(), &end);
  float narrow = float(wide);
  value = 0;
  if (isDouble)
    std::memcpy(&value, &wide, sizeof(wide));
  else
    std::memcpy(&value, &narrow, sizeof(narrow));
  return *end == '\0';
}

Status KernelParser::parseNumber(std::string_view type, bool negative,
                                 int &row) {
  std::string_view word = module_.scanner.token();
  uint64_t value = 0;
  bool isDouble = type == "f64" || type == "b64";
  bool isFloat = type == "f64" || type == "f32";
  if (!isFloat && readInteger(word, value)) {
    value = negative ? 0 - value : value;
  } else if (readFloat(word, isDouble, value)) {
    value ^= negative ? uint64_t(1) << (isDouble ? 63 : 31) : 0;
  } else {
    return module_.error("expected an operand of type " + std::string(type));
  }
  module_.scanner.advance();
  row = constantRow(value);
  return Status();
}

/// Parses a register, a number, a special register, `_`, or the address of a
/// variable.
Status KernelParser::parseAtom(std::string_view type, int &row) {
  Scanner &scanner = module_.scanner;
  bool negative = scanner.accept("-");
  std::string_view word = scanner.token();
  if (!word.empty() && word[0] >= '0' && word[0] <= '9')
    return parseNumber(type, negative, row);
  row = -1;
  if (!negative && scanner.accept("_"))
    return Status();
  row = findRegister(word);
  if (row < 0 && findSpecial(word) >= 0)
    row = specialMark + findSpecial(word);
  if (row < 0)
    row = findSymbol(word);
  if (row < 0 || negative)
    return module_.error("expected an operand");
  scanner.advance();
  return Status();
}

Status KernelParser::parseList(Operand &operand, std::string_view type) {
  do {
    operand.rows.push_back(-1);
    if (Status error = parseAtom(type, operand.rows.back()))
      return error;
  } while (module_.scanner.accept(","));
  return module_.expect("}");
}

/// Parses `[base+offset]` or `[map, {x, y}]`, behind the bracket.
Status KernelParser::parseAddress(Operand &operand) {
  Scanner &scanner = module_.scanner;
  operand.isAddress = true;
  operand.rows.push_back(-1);
  if (Status error = parseAtom("u64", operand.rows.back()))
    return error;
  if (operand.rows[0] < 0)
    return module_.error("expected an address");
  bool hasOffset = scanner.accept("+") || scanner.is("-");
  if (hasOffset)
    if (Status error = module_.parseInteger(operand.offset))
      return error;
  if (scanner.accept(",")) {
    if (hasOffset) // As the assembler does.
      return module_.error("expected the address of a tensor map without an "
                           "offset");
    if (Status error = module_.expect("{"))
      return error;
    if (Status error = parseList(operand, "s32"))
      return error;
  }
  return module_.expect("]");
}

Status KernelParser::parseOperand(Operand &operand, std::string_view type) {
  Scanner &scanner = module_.scanner;
  if (scanner.accept("["))
    return parseAddress(operand);
  operand.isList = scanner.accept("{");
  if (operand.isList)
    return parseList(operand, type);
  operand.rows.push_back(-1);
  if (Status error = parseAtom(type, operand.rows.back()))
    return error;
  if (!scanner.accept("|"))
    return Status();
  operand.rows.push_back(-1);
  return parseAtom(type, operand.rows.back());
}

/// The type of immediates of an instruction: its last modifier that is one.
static std::string_view immediateType(std::string_view mnemonic) {
  std::string_view last = mnemonic.substr(mnemonic.rfind('.') + 1);
  return typeBytes(last) != 0 ? last : "b32";
}

/// Refuses the name of a parameter as an address of another space, as the
/// assembler does.
Status KernelParser::checkSpace(std::string_view mnemonic) const {
  Scanner ahead = module_.scanner;
  if (!ahead.accept("[") || mnemonic.find(".param") != std::string_view::npos)
    return Status();
  for (const Parameter &parameter : kernel_.parameters)
    if (parameter.name == ahead.token())
      return module_.error("expected an address of another space than that of "
                           "parameter '" +
                           parameter.name + "'");
  return Status();
}

Status KernelParser::parseOperands(Instruction &instruction,
                                   std::string_view mnemonic) {
  std::string_view type = immediateType(mnemonic);
  while (!module_.scanner.is(";")) {
    instruction.operands.emplace_back();
    if (Status error = checkSpace(mnemonic))
      return error;
    if (Status error = parseOperand(instruction.operands.back(), type))
      return error;
    if (!module_.scanner.accept(","))
      break;
  }
  return Status();
}

} // namespace heed::ptx
