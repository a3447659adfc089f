//===- FirstError.h - Diagnostics as one error ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Turns what MLIR diagnoses into an error of one line, for callers that are no
/// compiler passes.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_PIPELINES_FIRSTERROR_H
#define HEED_PASSES_PIPELINES_FIRSTERROR_H

#include "mlir/IR/Diagnostics.h"
#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// Keeps the first error that a context diagnoses in its life, with its place
/// and its notes: "m.mlir:3:5: ...".
class FirstError {
public:
  /// What handlers that were there before hear of diagnostics.
  enum class Others {
    All,    ///< Everything, also the errors.
    Nothing ///< Nothing; what is no error goes to the standard error stream.
  };
  FirstError(mlir::MLIRContext &context, Others others);

  /// Returns the error, or one that says `otherwise` if there was none.
  llvm::Error take(const llvm::Twine &otherwise);

private:
  mlir::LogicalResult keep(mlir::Diagnostic &diagnostic);

  Others others;
  std::string message;
  mlir::ScopedDiagnosticHandler handler;
};

} // namespace heed

#endif // HEED_PASSES_PIPELINES_FIRSTERROR_H
