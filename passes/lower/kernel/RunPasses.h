//===- RunPasses.h - Passes whose error is returned -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_RUNPASSES_H
#define HEED_PASSES_LOWER_KERNEL_RUNPASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"

namespace heed {

/// Runs `passes` on `module`, which holds kernels; an error holds the first
/// error diagnostic, and no handler hears of any. Other diagnostics go on.
llvm::Error runPasses(mlir::PassManager &passes, mlir::ModuleOp module);

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_RUNPASSES_H
