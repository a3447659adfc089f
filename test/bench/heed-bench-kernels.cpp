//===- heed-bench-kernels.cpp - Kernels to carry to a GPU -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"
#include "test/bench/BuildKernels.h"

#include "mlir/Transforms/Passes.h"
#include "llvm/Support/CommandLine.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

static Error build(const std::string &rows, const heed::BenchBuild &build) {
  if (std::error_code code = sys::fs::create_directories(build.folder))
    return createFileError(build.folder, code);
  Expected<std::vector<heed::BenchRow>> read = heed::readBenchRows(rows);
  if (!read)
    return read.takeError();
  return heed::buildKernels(*read, build);
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  heed::registerAllPasses();
  mlir::registerTransformsPasses();
  cl::OptionCategory category("heed-bench-kernels options");
  cl::opt<std::string> rows(cl::Positional, cl::Required,
                            cl::desc("<rows.json>"), cl::cat(category));
  cl::opt<std::string> folder("o", cl::Required, cl::value_desc("folder"),
                              cl::desc("Where to write kernels"),
                              cl::cat(category));
  cl::opt<std::string> target("target", cl::init("sm_90a"), cl::cat(category),
                              cl::desc("sm_80 or sm_90a"));
  cl::opt<std::string> commit("commit", cl::Required, cl::cat(category),
                              cl::desc("What the kernels are built from"));
  cl::opt<std::string> variant(
      "variant", cl::cat(category),
      cl::desc("Name that tells these kernels from others in the folder"));
  cl::opt<std::string> pipeline(
      "pipeline", cl::cat(category),
      cl::desc("Passes on the module, from the group to kernels; otherwise "
               "those of heed-lower-pipeline from heed-lower-to-tile on"));
  cl::opt<bool> text("ptx", cl::cat(category),
                     cl::desc("Write PTX even where there is an assembler"));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(argc, argv,
                              "Builds the kernels of benchmark rows\n");
  if (pipeline.empty())
    pipeline = "heed-lower-to-tile{target=" + target +
               "},heed-split-kernels,canonicalize,cse";
  if (Error error =
          build(rows, {folder, target, commit, variant, pipeline, text})) {
    WithColor::error(errs(), "heed-bench-kernels")
        << toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
