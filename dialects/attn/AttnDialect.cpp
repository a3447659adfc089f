//===- AttnDialect.cpp - The attn dialect ---------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"

#include "mlir/IR/DialectImplementation.h"
#include "mlir/IR/OpImplementation.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;
using namespace heed::attn;

#include "dialects/attn/AttnDialect.cpp.inc"

void AttnDialect::initialize() {
  registerTypes();
  registerAttributes();
  addOperations<
#define GET_OP_LIST
#include "dialects/attn/AttnOps.cpp.inc"
      >();
}

/// Parses the bare keyword of a phase.
static ParseResult parsePhase(OpAsmParser &parser, PhaseAttr &phase) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef keyword;
  if (parser.parseKeyword(&keyword))
    return failure();
  std::optional<Phase> value = symbolizePhase(keyword);
  if (!value)
    return parser.emitError(loc, "found phase '")
           << keyword << "', wanted 'prefill' or 'decode'";
  phase = PhaseAttr::get(parser.getContext(), *value);
  return success();
}

static void printPhase(OpAsmPrinter &printer, Operation *, PhaseAttr phase) {
  printer << stringifyPhase(phase.getValue());
}

#define GET_OP_CLASSES
#include "dialects/attn/AttnOps.cpp.inc"
