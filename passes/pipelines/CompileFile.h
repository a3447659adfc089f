//===- CompileFile.h - From a file to a package -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Parses and compiles a module in a file; what `heed-compile` and the C
/// interface of the compiler share.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_PIPELINES_COMPILEFILE_H
#define HEED_PASSES_PIPELINES_COMPILEFILE_H

#include "passes/pipelines/Compile.h"

#include "mlir/IR/MLIRContext.h"

namespace heed {

/// Compiles the module in the file `path` ("-": the standard input) as
/// `options` say; the folder of the module is taken from the path. All dialects
/// of the module must be registered in `context`. The first diagnostic becomes
/// the error, with its place; warnings go to the standard error stream.
llvm::Expected<std::vector<char>> compileFile(mlir::MLIRContext &context,
                                              llvm::StringRef path,
                                              CompileOptions options);

} // namespace heed

#endif // HEED_PASSES_PIPELINES_COMPILEFILE_H
