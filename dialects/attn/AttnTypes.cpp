//===- AttnTypes.cpp - Cache handles --------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heed::attn;

#define GET_TYPEDEF_CLASSES
#include "dialects/attn/AttnTypes.cpp.inc"

void AttnDialect::registerTypes() {
  addTypes<
#define GET_TYPEDEF_LIST
#include "dialects/attn/AttnTypes.cpp.inc"
      >();
}

RankedTensorType CacheField::getContentType() const {
  constexpr int64_t any = ShapedType::kDynamic;
  return RankedTensorType::get({any, getHeads(), any, getWidth()},
                               getElementType());
}

bool CacheField::operator==(const CacheField &other) const {
  return name == other.name && rate == other.rate && window == other.window &&
         sinks == other.sinks && period == other.period &&
         untilDecode == other.untilDecode && entry == other.entry;
}

llvm::hash_code heed::attn::hash_value(const CacheField &field) {
  return llvm::hash_combine(field.name, field.rate, field.window, field.sinks,
                            field.period, field.untilDecode, field.entry);
}

const CacheField *CacheType::lookup(StringRef name) const {
  const CacheField *found = llvm::find_if(
      getFields(), [&](const CacheField &field) { return field.name == name; });
  return found == getFields().end() ? nullptr : found;
}

//===----------------------------------------------------------------------===//
// Constraints
//===----------------------------------------------------------------------===//

/// Checks (C2) and (C3) of one field.
static LogicalResult verifyField(function_ref<InFlightDiagnostic()> emitError,
                                 const CacheField &field) {
  auto fail = [&]() { return emitError() << "field " << field.name << ": "; };
  // cache (C2)
  if (field.rate == CacheRate::Ring && field.window < 1)
    return fail() << "found a window of " << field.window
                  << ", wanted at least 1";
  if (field.sinks < 0)
    return fail() << "found " << field.sinks << " sinks, wanted at least 0";
  if (field.rate == CacheRate::Every && field.period < 1)
    return fail() << "found a period of " << field.period
                  << ", wanted at least 1";
  for (int64_t size : field.entry.getShape())
    if (size < 1)
      return fail() << "found a size of " << size
                    << ", wanted static sizes of at least 1";
  // cache (C3)
  if (field.rate != CacheRate::Sequence && field.entry.getRank() != 2)
    return fail() << "found an entry of rank " << field.entry.getRank()
                  << ", wanted heads x width";
  if (!field.getElementType().isIntOrFloat())
    return fail() << "found element type " << field.getElementType()
                  << ", wanted integers or floats";
  return success();
}

LogicalResult CacheType::verify(function_ref<InFlightDiagnostic()> emitError,
                                ArrayRef<CacheField> fields) {
  // cache (C1)
  if (fields.empty())
    return emitError() << "found no field, wanted at least one";
  llvm::SmallPtrSet<StringAttr, 4> names;
  for (const CacheField &field : fields) {
    if (!names.insert(field.name).second)
      return emitError() << "found two fields named " << field.name
                         << ", wanted names that differ";
    if (failed(verifyField(emitError, field)))
      return failure();
  }
  return success();
}

//===----------------------------------------------------------------------===//
// Syntax
//===----------------------------------------------------------------------===//

/// Parses `token`, `ring(W)`, `ring(W, sinks S)`, `every(n)` or `sequence`.
static ParseResult parseRate(AsmParser &parser, CacheField &field) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  if (keyword == "token" || keyword == "sequence") {
    field.rate = keyword == "token" ? CacheRate::Token : CacheRate::Sequence;
    return success();
  }
  if (keyword == "every") {
    field.rate = CacheRate::Every;
    return failure(parser.parseLParen() || parser.parseInteger(field.period) ||
                   parser.parseRParen());
  }
  if (keyword != "ring")
    return parser.emitError(loc, "found rate '")
           << keyword << "', wanted 'token', 'ring', 'every' or 'sequence'";
  field.rate = CacheRate::Ring;
  if (parser.parseLParen() || parser.parseInteger(field.window))
    return failure();
  if (succeeded(parser.parseOptionalComma()))
    if (parser.parseKeyword("sinks") || parser.parseInteger(field.sinks))
      return failure();
  return parser.parseRParen();
}

/// Parses `name : rate shape x type`, with `until decode` or without.
static ParseResult parseField(AsmParser &parser, CacheField &field) {
  std::string name;
  if (parser.parseKeywordOrString(&name) || parser.parseColon() ||
      parseRate(parser, field))
    return failure();
  field.name = StringAttr::get(parser.getContext(), name);
  SmallVector<int64_t> shape;
  SMLoc loc = parser.getCurrentLocation();
  Type type;
  if (parser.parseDimensionList(shape, /*allowDynamic=*/false) ||
      parser.parseType(type))
    return failure();
  if (!type.isIntOrFloat())
    return parser.emitError(loc, "found element type ")
           << type << ", wanted integers or floats";
  field.entry = RankedTensorType::get(shape, type);
  if (succeeded(parser.parseOptionalKeyword("until"))) {
    if (parser.parseKeyword("decode"))
      return failure();
    field.untilDecode = true;
  }
  return success();
}

Type CacheType::parse(AsmParser &parser) {
  SmallVector<CacheField> fields;
  SMLoc loc = parser.getCurrentLocation();
  auto parseOne = [&] { return parseField(parser, fields.emplace_back()); };
  if (parser.parseLess() ||
      parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne) ||
      parser.parseGreater())
    return Type();
  return parser.getChecked<CacheType>(loc, parser.getContext(), fields);
}

static void printRate(AsmPrinter &printer, const CacheField &field) {
  switch (field.rate) {
  case CacheRate::Token:
    printer << "token";
    return;
  case CacheRate::Sequence:
    printer << "sequence";
    return;
  case CacheRate::Every:
    printer << "every(" << field.period << ")";
    return;
  case CacheRate::Ring:
    printer << "ring(" << field.window;
    if (field.sinks)
      printer << ", sinks " << field.sinks;
    printer << ")";
    return;
  }
}

void CacheType::print(AsmPrinter &printer) const {
  printer << "<[";
  llvm::interleaveComma(getFields(), printer, [&](const CacheField &field) {
    printer.printKeywordOrString(field.name);
    printer << " : ";
    printRate(printer, field);
    printer << ' ';
    for (int64_t size : field.entry.getShape())
      printer << size << 'x';
    printer << field.getElementType();
    if (field.untilDecode)
      printer << " until decode";
  });
  printer << "]>";
}
