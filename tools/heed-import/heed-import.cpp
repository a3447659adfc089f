//===- heed-import.cpp - From a checkpoint to IR --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Importer.h"

#include "heed/Support/OutputFile.h"

#include "mlir/IR/MLIRContext.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

static Error import(StringRef directory, StringRef output,
                    heed::ImportType type) {
  heed::ImportOptions options;
  options.type = type;
  StringRef folder = output == "-" ? "" : sys::path::parent_path(output);
  if (!folder.empty())
    options.base = folder.str();
  mlir::MLIRContext context(mlir::MLIRContext::Threading::DISABLED);
  Expected<mlir::OwningOpRef<mlir::ModuleOp>> module =
      heed::importCheckpoint(context, directory, options);
  if (!module)
    return module.takeError();
  Expected<heed::OutputFile> file = heed::OutputFile::create(output);
  if (!file)
    return file.takeError();
  (*module)->print(file->os());
  return file->commit();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::OptionCategory category("heed-import options");
  cl::opt<std::string> directory(cl::Positional, cl::Required,
                                 cl::desc("<folder with config.json>"),
                                 cl::cat(category));
  cl::opt<std::string> output("o", cl::Required, cl::value_desc("file"),
                              cl::desc("Where to write the module; - prints"),
                              cl::cat(category));
  cl::opt<heed::ImportType> type(
      "dtype", cl::desc("Element type of weights and activations"),
      cl::values(
          clEnumValN(heed::ImportType::Keep, "keep", "that of the tensors"),
          clEnumValN(heed::ImportType::F32, "f32", "32-bit float"),
          clEnumValN(heed::ImportType::BF16, "bf16", "bfloat16")),
      cl::init(heed::ImportType::Keep), cl::cat(category));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Imports a decoder's checkpoint (config.json and safetensors files) as\n"
      "attn IR that refers to the weights where they are\n");
  if (Error error = import(directory, output, type)) {
    WithColor::error(errs(), "heed-import")
        << toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
