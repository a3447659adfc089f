//===- Importer.cpp - From a checkpoint to a module -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Importer.h"
#include "passes/import/checkpoint/StepBuilder.h"

#include "dialects/attn/Attn.h"
#include "heed/Support/Error.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace heed {

namespace path = llvm::sys::path;

std::string makeRelative(llvm::StringRef target, llvm::StringRef base) {
  auto to = path::begin(target), from = path::begin(base);
  while (to != path::end(target) && from != path::end(base) && *to == *from) {
    ++to;
    ++from;
  }
  llvm::SmallString<128> result;
  for (; from != path::end(base); ++from)
    path::append(result, "..");
  for (; to != path::end(target); ++to)
    path::append(result, *to);
  return result.str().str();
}

/// Resolves symbolic links of a folder.
static llvm::Expected<std::string> resolve(llvm::StringRef folder) {
  llvm::SmallString<128> real;
  if (std::error_code code = llvm::sys::fs::real_path(folder, real))
    return makeError("cannot open " + quote(folder), code);
  return real.str().str();
}

llvm::Expected<OwningOpRef<ModuleOp>>
importCheckpoint(MLIRContext &context, llvm::StringRef directory,
                 const ImportOptions &options) {
  llvm::Expected<ModelConfig> config = openModelConfig(directory);
  if (!config)
    return config.takeError();
  llvm::Expected<Checkpoint> checkpoint = Checkpoint::open(directory);
  if (!checkpoint)
    return checkpoint.takeError();
  llvm::Expected<std::vector<ModelWeight>> weights =
      matchTensors(*config, *checkpoint);
  if (!weights)
    return weights.takeError();
  llvm::Expected<DType> type = chooseType(*config, *weights, options.type);
  if (!type)
    return type.takeError();
  llvm::Expected<std::string> folder = resolve(directory);
  if (!folder)
    return folder.takeError();
  llvm::Expected<std::string> base = resolve(options.base);
  if (!base)
    return base.takeError();

  // A file may itself be a link into a store; its name in the folder is kept.
  auto relocate = [&](llvm::StringRef file) {
    llvm::SmallString<128> target(*folder);
    path::append(target, path::filename(file));
    return makeRelative(target, *base);
  };
  context
      .loadDialect<attn::AttnDialect, arith::ArithDialect, func::FuncDialect>();
  OwningOpRef<ModuleOp> module = buildModule(
      context, {*config, *weights, *type, path::filename(*folder), relocate});
  if (failed(verify(*module)))
    return makeError(directory + ": the imported module is invalid");
  return module;
}

} // namespace heed
