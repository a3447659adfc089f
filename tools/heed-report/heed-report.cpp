//===- heed-report.cpp - What a rewrite saved -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-report/Print.h"

#include "heed/Support/OutputFile.h"
#include "passes/InitAll.h"
#include "passes/pipelines/FirstError.h"
#include "passes/pipelines/ModuleFile.h"

#include "llvm/Support/CommandLine.h"
#include "llvm/Support/InitLLVM.h"
#include "llvm/Support/WithColor.h"

using namespace llvm;

/// Reads one module or two and counts them for the same sizes.
static Expected<std::vector<heed::NamedReport>>
readReports(ArrayRef<std::string> paths, const heed::AskedSizes &sizes) {
  mlir::DialectRegistry registry;
  heed::registerAllDialects(registry);
  mlir::MLIRContext context(registry);
  std::vector<mlir::OwningOpRef<mlir::ModuleOp>> owners;
  std::vector<mlir::ModuleOp> modules;
  for (const std::string &path : paths) {
    auto module = heed::parseModuleFile(context, path);
    if (!module)
      return module.takeError();
    modules.push_back(**module);
    owners.push_back(std::move(*module));
  }
  heed::FirstError error(context, heed::FirstError::Others::Nothing);
  auto reports = heed::reportModels(modules, sizes);
  if (failed(reports))
    return error.take("counting failed without a reason");
  std::vector<heed::NamedReport> named;
  for (auto [path, report] : zip_equal(paths, *reports))
    named.push_back({path, std::move(report)});
  return named;
}

static Error report(ArrayRef<std::string> paths, const heed::AskedSizes &sizes,
                    bool json, StringRef output) {
  Expected<std::vector<heed::NamedReport>> reports = readReports(paths, sizes);
  if (!reports)
    return reports.takeError();
  Expected<heed::OutputFile> file = heed::OutputFile::create(output);
  if (!file)
    return file.takeError();
  auto *print = json ? heed::printJson : heed::printText;
  print(file->os(), reports->size() > 1 ? &reports->front() : nullptr,
        reports->back());
  return file->commit();
}

static std::optional<int64_t> readSize(const cl::opt<int64_t> &option) {
  return option.getNumOccurrences() ? std::optional<int64_t>(option)
                                    : std::nullopt;
}

int main(int argc, char **argv) {
  InitLLVM init(argc, argv);
  cl::OptionCategory category("heed-report options");
  cl::opt<std::string> first(cl::Positional, cl::Required,
                             cl::desc("<module.mlir>"), cl::cat(category));
  cl::opt<std::string> second(cl::Positional, cl::desc("[<rewritten.mlir>]"),
                              cl::cat(category));
  cl::opt<bool> json("json", cl::desc("Exact numbers, as JSON"),
                     cl::cat(category));
  cl::opt<std::string> output("o", cl::init("-"), cl::value_desc("file"),
                              cl::desc("Where to write; default: print"),
                              cl::cat(category));
  cl::opt<int64_t> tokens("tokens", cl::desc("Length of the prompt"),
                          cl::cat(category));
  cl::opt<int64_t> batch("batch", cl::desc("Sequences at a time; default: 1"),
                         cl::cat(category));
  cl::opt<int64_t> capacity("capacity", cl::desc("Room in caches, in tokens"),
                            cl::cat(category));
  cl::HideUnrelatedOptions(category);
  cl::ParseCommandLineOptions(
      argc, argv,
      "Says what a model costs, layer by layer, or what a rewrite changed. "
      "The\n"
      "default of both lengths is the context, of the prompt at most 1024\n");
  SmallVector<std::string> paths{first};
  if (second.getNumOccurrences())
    paths.push_back(second);
  heed::AskedSizes sizes{readSize(tokens), readSize(batch), readSize(capacity)};
  if (Error error = report(paths, sizes, json, output)) {
    WithColor::error(errs(), "heed-report")
        << toString(std::move(error)) << "\n";
    return 1;
  }
  return 0;
}
