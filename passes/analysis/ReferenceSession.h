//===- ReferenceSession.h - The reference behind the C step -----*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A model on the reference with one cache, driven by the step of
/// heed-c/Runtime.h, so that a caller need not care which device it talks to.
/// Errors are `llvm::Error`s of one line instead of diagnostics.
///
///     auto session = ReferenceSession::create(module, folder);
///     if (!session)
///       return session.takeError();
///     if (llvm::Error error = (*session)->makeCache(1, 1024))
///       return error;
///     return (*session)->run(EvalPhase::Prefill, step);
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_ANALYSIS_REFERENCESESSION_H
#define HEED_PASSES_ANALYSIS_REFERENCESESSION_H

#include "heed-c/Runtime.h"
#include "passes/analysis/ReferenceModel.h"

#include "mlir/IR/Diagnostics.h"

#include <optional>

namespace heed {

/// Belongs to one thread. As long as it lives it takes the errors of the
/// module's context; the module must outlive it.
class ReferenceSession {
public:
  /// Weight files of `module` are relative to `folder`.
  static llvm::Expected<std::unique_ptr<ReferenceSession>>
  create(mlir::ModuleOp module, llvm::StringRef folder);

  ReferenceModel &getModel() { return *model; }

  /// Makes an empty cache in place of the one there was.
  llvm::Error makeCache(int64_t slots, int64_t capacity);
  /// REQUIRES: makeCache has succeeded.
  ReferenceCache &getCache() { return *cache; }

  /// Runs a step as heed_prefill and heed_decode do. REQUIRES: as getCache.
  llvm::Error run(EvalPhase phase, const heed_step &step);

private:
  explicit ReferenceSession(mlir::MLIRContext *context);
  /// Returns the error that was diagnosed last.
  llvm::Error takeMessage();

  std::string message;
  mlir::ScopedDiagnosticHandler handler;
  std::unique_ptr<ReferenceModel> model;
  std::optional<ReferenceCache> cache;
};

} // namespace heed

#endif // HEED_PASSES_ANALYSIS_REFERENCESESSION_H
