//===- ModuleFile.cpp - Modules read from files ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/ModuleFile.h"

#include "heed/Support/Error.h"
#include "passes/pipelines/FirstError.h"

#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

namespace heed {

llvm::Expected<OwningOpRef<ModuleOp>> parseModuleFile(MLIRContext &context,
                                                      StringRef path) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> text =
      llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!text)
    return makeError("cannot read " + path, text.getError());
  FirstError error(context, FirstError::Others::Nothing);
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*text), llvm::SMLoc());
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
  if (!module)
    return error.take(path + ": no module found");
  return module;
}

std::string getWeightFolder(StringRef path) {
  return path == "-" ? "" : llvm::sys::path::parent_path(path).str();
}

} // namespace heed
