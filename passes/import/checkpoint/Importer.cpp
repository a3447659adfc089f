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
#include "heed/Support/Path.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/Verifier.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace heed {

namespace path = llvm::sys::path;

/// Resolves symbolic links of a folder.
static llvm::Expected<std::string> resolve(llvm::StringRef folder) {
  llvm::SmallString<128> real;
  if (std::error_code code = llvm::sys::fs::real_path(folder, real))
    return makeError("cannot open " + quote(folder), code);
  return real.str().str();
}

/// Says how text becomes ids: the relocated path of the checkpoint's
/// tokenizer.json, "bytes" if it has none and ids can be bytes, else "". The
/// file is not read: it may be large, and only prompts need it.
static llvm::Expected<std::string>
findTokenizer(llvm::StringRef directory, int64_t vocabulary,
              llvm::function_ref<std::string(llvm::StringRef)> relocate) {
  namespace fs = llvm::sys::fs;
  llvm::SmallString<128> file(directory);
  path::append(file, "tokenizer.json");
  if (fs::is_regular_file(file))
    return relocate(file);
  // A link that leads nowhere does not exist either, but was meant to be one.
  if (fs::exists(file) || fs::is_symlink_file(file))
    return makeError(file + ": found no regular file, wanted a tokenizer");
  return vocabulary == 256 ? "bytes" : "";
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
  llvm::Expected<std::string> tokenizer =
      findTokenizer(directory, config->vocabulary, relocate);
  if (!tokenizer)
    return tokenizer.takeError();
  context
      .loadDialect<attn::AttnDialect, arith::ArithDialect, func::FuncDialect>();
  OwningOpRef<ModuleOp> module =
      buildModule(context, {*config, *weights, *type, path::filename(*folder),
                            *tokenizer, relocate});
  if (failed(verify(*module)))
    return makeError(directory + ": the imported module is invalid");
  return module;
}

} // namespace heed
