//===- RunPasses.cpp - Passes whose error is returned ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/RunPasses.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;

namespace heed {

llvm::Error runPasses(PassManager &passes, ModuleOp module) {
  std::string message;
  ScopedDiagnosticHandler handler(
      module.getContext(), [&](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() != DiagnosticSeverity::Error)
          return failure();
        if (message.empty())
          message = diagnostic.str();
        return success();
      });
  if (succeeded(passes.run(module)))
    return llvm::Error::success();
  return llvm::createStringError("cannot compile the kernels: " + message);
}

} // namespace heed
