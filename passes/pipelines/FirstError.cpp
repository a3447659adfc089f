//===- FirstError.cpp - Diagnostics as one error --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/FirstError.h"

#include "heed/Support/Error.h"

#include "mlir/IR/Location.h"

using namespace mlir;

namespace heed {

FirstError::FirstError(MLIRContext &context, Others others)
    : others(others), handler(&context, [this](Diagnostic &diagnostic) {
        return keep(diagnostic);
      }) {}

/// Prints where a diagnostic belongs and what it says, with its notes.
static std::string print(Diagnostic &diagnostic) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  Location place = diagnostic.getLocation();
  while (auto fused = dyn_cast<FusedLoc>(place))
    place = fused.getLocations().front();
  if (auto file = dyn_cast<FileLineColLoc>(place))
    stream << file.getFilename().getValue() << ":" << file.getLine() << ":"
           << file.getColumn() << ": ";
  stream << diagnostic;
  return text;
}

LogicalResult FirstError::keep(Diagnostic &diagnostic) {
  bool isError = diagnostic.getSeverity() == DiagnosticSeverity::Error;
  if (isError && message.empty())
    message = print(diagnostic);
  if (!isError && others == Others::Nothing)
    llvm::errs() << print(diagnostic) << "\n";
  return success(others == Others::Nothing);
}

llvm::Error FirstError::take(const Twine &otherwise) {
  if (message.empty())
    return makeError(otherwise);
  return makeError(std::exchange(message, ""));
}

} // namespace heed
