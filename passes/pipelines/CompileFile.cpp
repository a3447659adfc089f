//===- CompileFile.cpp - From a file to a package -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/CompileFile.h"

#include "heed/Support/Error.h"
#include "passes/pipelines/Compile.h"

#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;

namespace heed {

llvm::Expected<std::vector<char>> compileFile(MLIRContext &context,
                                              StringRef path, StringRef target,
                                              StringRef packageFolder) {
  llvm::ErrorOr<std::unique_ptr<llvm::MemoryBuffer>> text =
      llvm::MemoryBuffer::getFileOrSTDIN(path);
  if (!text)
    return makeError("cannot read " + path, text.getError());

  std::string message;
  ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) {
    if (diagnostic.getSeverity() != DiagnosticSeverity::Error) {
      llvm::errs() << diagnostic << "\n";
      return success();
    }
    if (message.empty()) {
      llvm::raw_string_ostream stream(message);
      if (auto place = dyn_cast<FileLineColLoc>(diagnostic.getLocation()))
        stream << place.getFilename().getValue() << ":" << place.getLine()
               << ":" << place.getColumn() << ": ";
      stream << diagnostic;
    }
    return success();
  });
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(*text), llvm::SMLoc());
  OwningOpRef<ModuleOp> module =
      parseSourceFile<ModuleOp>(sources, ParserConfig(&context));
  if (!module)
    return makeError(message.empty() ? (path + ": no module found").str()
                                     : message);
  CompileOptions options;
  options.target = target.str();
  options.packageFolder = packageFolder.str();
  if (path != "-")
    options.moduleFolder = llvm::sys::path::parent_path(path).str();
  return compileModule(*module, options);
}

} // namespace heed
