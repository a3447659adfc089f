//===- ModuleFile.h - Modules read from files -------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads a module for callers that are no compiler passes: tools and C
/// interfaces. Diagnostics become errors of one line.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_PIPELINES_MODULEFILE_H
#define HEED_PASSES_PIPELINES_MODULEFILE_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/IR/OwningOpRef.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// Parses the module, text or bytecode, in the file `path` ("-": the standard
/// input). Its dialects must be registered in `context`.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
parseModuleFile(mlir::MLIRContext &context, llvm::StringRef path);

/// Returns the folder that weight files named in the module of file `path` are
/// relative to: empty for the working directory.
std::string getWeightFolder(llvm::StringRef path);

} // namespace heed

#endif // HEED_PASSES_PIPELINES_MODULEFILE_H
