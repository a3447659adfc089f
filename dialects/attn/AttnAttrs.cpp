//===- AttnAttrs.cpp - Masks and enumerations -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heed::attn;

#include "dialects/attn/AttnEnums.cpp.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/attn/AttnAttrs.cpp.inc"

void AttnDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "dialects/attn/AttnAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Meaning of a mask
//===----------------------------------------------------------------------===//

MaskAttr MaskAttr::getCausal(MLIRContext *context) {
  return get(context, /*causal=*/true, /*window=*/{}, /*sinks=*/{},
             /*prefix=*/{}, /*segments=*/false);
}

heed::AttentionMask MaskAttr::getTerms() const {
  return {getCausal(), getWindow(), getSinks(), getPrefix(), getSegments()};
}

LogicalResult MaskAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               bool causal, ArrayRef<int64_t> window,
                               ArrayRef<int64_t> sinks,
                               ArrayRef<int64_t> prefix, bool segments) {
  auto checkLeast = [&](StringRef name, ArrayRef<int64_t> numbers,
                        int64_t least) -> LogicalResult {
    for (int64_t number : numbers)
      if (number < least)
        return emitError() << "found " << name << " = " << number
                           << ", wanted at least " << least;
    return success();
  };
  // (C1)
  if (failed(checkLeast("window", window, 1)))
    return failure();
  if (!window.empty() && !causal)
    return emitError() << "found a window without 'causal'";
  // (C2)
  if (failed(checkLeast("sinks", sinks, 0)))
    return failure();
  if (!sinks.empty() && window.empty())
    return emitError() << "found sinks without 'window'";
  // (C3)
  if (failed(checkLeast("prefix", prefix, 0)))
    return failure();
  if (!prefix.empty() && !causal)
    return emitError() << "found a prefix without 'causal'";
  return success();
}

//===----------------------------------------------------------------------===//
// Syntax of a mask
//===----------------------------------------------------------------------===//

namespace {
/// The terms of a mask while they are being read.
struct MaskTerms {
  bool causal = false;
  bool segments = false;
  SmallVector<int64_t> window, sinks, prefix;
};
} // namespace

/// Parses `= 3` or `= [3, 4]`, at least one number.
static ParseResult parseNumbers(AsmParser &parser,
                                SmallVectorImpl<int64_t> &numbers) {
  if (parser.parseEqual())
    return failure();
  if (failed(parser.parseOptionalLSquare()))
    return parser.parseInteger(numbers.emplace_back());
  return failure(parser.parseCommaSeparatedList([&] {
    return parser.parseInteger(numbers.emplace_back());
  }) || parser.parseRSquare());
}

/// Parses one term; each may stand once.
static ParseResult parseTerm(AsmParser &parser, MaskTerms &terms) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  bool *flag = keyword == "causal"     ? &terms.causal
               : keyword == "segments" ? &terms.segments
                                       : nullptr;
  SmallVector<int64_t> *numbers = keyword == "window"   ? &terms.window
                                  : keyword == "sinks"  ? &terms.sinks
                                  : keyword == "prefix" ? &terms.prefix
                                                        : nullptr;
  if ((flag && *flag) || (numbers && !numbers->empty()))
    return parser.emitError(loc, "found '") << keyword << "' twice";
  if (numbers)
    return parseNumbers(parser, *numbers);
  if (!flag)
    return parser.emitError(loc, "found mask term '")
           << keyword
           << "', wanted 'causal', 'window', 'sinks', 'prefix' or 'segments'";
  *flag = true;
  return success();
}

Attribute MaskAttr::parse(AsmParser &parser, Type) {
  MaskTerms terms;
  SMLoc loc = parser.getCurrentLocation();
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::LessGreater,
                                     [&] { return parseTerm(parser, terms); }))
    return Attribute();
  return parser.getChecked<MaskAttr>(loc, parser.getContext(), terms.causal,
                                     terms.window, terms.sinks, terms.prefix,
                                     terms.segments);
}

void MaskAttr::print(AsmPrinter &printer) const {
  bool first = true;
  auto begin = [&](StringRef name) {
    printer << (first ? "" : ", ") << name;
    first = false;
  };
  auto printNumbers = [&](StringRef name, ArrayRef<int64_t> numbers) {
    if (numbers.empty())
      return;
    begin(name);
    printer << " = ";
    if (numbers.size() == 1) {
      printer << numbers.front();
      return;
    }
    printer << '[';
    llvm::interleaveComma(numbers, printer);
    printer << ']';
  };
  printer << '<';
  if (getCausal())
    begin("causal");
  printNumbers("window", getWindow());
  printNumbers("sinks", getSinks());
  printNumbers("prefix", getPrefix());
  if (getSegments())
    begin("segments");
  printer << '>';
}
