//===- CompileFile.cpp - From a file to a package -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/CompileFile.h"

#include "passes/pipelines/FirstError.h"
#include "passes/pipelines/ModuleFile.h"

using namespace mlir;

namespace heed {

llvm::Expected<std::vector<char>>
compileFile(MLIRContext &context, StringRef path, CompileOptions options) {
  llvm::Expected<OwningOpRef<ModuleOp>> module = parseModuleFile(context, path);
  if (!module)
    return module.takeError();
  options.moduleFolder = getWeightFolder(path);
  // The error is returned; whoever else listens need not hear it.
  FirstError quiet(context, FirstError::Others::Nothing);
  return compileModule(**module, options);
}

} // namespace heed
