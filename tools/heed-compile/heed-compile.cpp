//===- heed-compile.cpp - From IR to a package ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed-c/Runtime.h"
#include "heed/Support/Error.h"
#include "heed/Support/OutputFile.h"
#include "passes/InitAll.h"
#include "passes/pipelines/CompileFile.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

/// Returns what to compile for on this machine, and says why.
static Expected<std::string> chooseTarget() {
  heed_device_info info = {};
  if (heed_device_describe("auto", &info) != HEED_OK)
    return heed::makeError(heed_last_error());
  raw_ostream &note = WithColor::note(errs(), "heed-compile");
  note << "compiles for " << info.text;
  if (*info.missing)
    note << ": " << info.missing;
  note << "\n";
  return info.target;
}

/// Takes copies: the linker inside resets the options of the command line.
static Error compile(std::string input, heed::CompileOptions options,
                     std::string output) {
  if (options.target == "auto") {
    Expected<std::string> target = chooseTarget();
    if (!target)
      return target.takeError();
    options.target = *target;
  }
  mlir::DialectRegistry registry;
  heed::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  StringRef folder = sys::path::parent_path(output);
  options.packageFolder = folder.empty() ? "." : folder.str();
  Expected<std::vector<char>> package =
      heed::compileFile(context, input, options);
  if (!package)
    return package.takeError();
  Expected<heed::OutputFile> file = heed::OutputFile::create(output);
  if (!file)
    return file.takeError();
  file->os().write(package->data(), package->size());
  return file->commit();
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::OptionCategory category("heed-compile options");
  cl::opt<std::string> input(cl::Positional, cl::init("-"),
                             cl::desc("<module.mlir>"), cl::cat(category));
  cl::opt<std::string> target(
      "target", cl::init("cpu"), cl::cat(category),
      cl::desc("x86-64-v3, x86-64-v4, or cpu: what this machine has; sm_80, "
               "sm_90a; or auto: the GPU of this machine, or its cpu"));
  cl::opt<std::string> cudaPath(
      "cuda-path", cl::value_desc("folder"), cl::cat(category),
      cl::desc("CUDA toolkit whose ptxas assembles for GPUs; otherwise that of "
               "/usr/local/cuda or the PATH, if there is one"));
  cl::opt<bool> remarks("remarks", cl::cat(category),
                        cl::desc("Say how each kernel for a GPU is made"));
  cl::opt<std::string> output("o", cl::Required, cl::value_desc("file"),
                              cl::desc("Where to write the package"),
                              cl::cat(category));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv, "Compiles attn IR to a package that heed-run executes\n");
  heed::CompileOptions options;
  options.target = target;
  options.cudaPath = cudaPath;
  options.remarks = remarks;
  if (Error error = compile(input, options, output)) {
    WithColor::error(errs(), "heed-compile")
        << toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
