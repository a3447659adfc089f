//===- Compile.h - From a module to a package -------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compiling as one call:
///
///     llvm::Expected<std::vector<char>> package = compileModule(module, {});
///     if (!package)
///       return package.takeError();
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_PIPELINES_COMPILE_H
#define HEED_PASSES_PIPELINES_COMPILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace heed {

struct CompileOptions {
  /// "x86-64-v3", "x86-64-v4", or "cpu": the better one that this machine has;
  /// "sm_80" (PTX, which every later GPU can run too) or "sm_90a".
  std::string target = "cpu";
  /// The folder of a CUDA toolkit; see GpuTarget. GPUs only.
  std::string cudaPath;
  /// Whether to look for an assembler; the package holds PTX otherwise. GPUs
  /// only.
  bool assemble = true;
  /// Whether to emit a remark for each kernel. GPUs only.
  bool remarks = false;
  /// What paths of files in the module are relative to; empty: the working
  /// directory.
  std::string moduleFolder;
  /// What they shall be relative to in the package; empty: absolute paths.
  std::string packageFolder;
};

/// Adds the passes from an authored graph to kernels: phases, layers, blocks,
/// groups, tiles, which are sized for `target`: "cpu", "sm_80" or "sm_90a".
/// Afterwards the module is what `emitPackage` takes.
void buildLowerPipeline(mlir::OpPassManager &manager, llvm::StringRef target);

/// Compiles `module`, which stays as it is, to the bytes of a package. Weights
/// that must be computed go to a new file in the module's folder, as by
/// `heed-materialize-weights`. The error has the first diagnostic, with its
/// place; all of them go to the context's handlers too.
llvm::Expected<std::vector<char>> compileModule(mlir::ModuleOp module,
                                                const CompileOptions &options);

/// Makes `heed-lower-pipeline` known to the textual pass pipelines.
void registerPipelines();

} // namespace heed

#endif // HEED_PASSES_PIPELINES_COMPILE_H
