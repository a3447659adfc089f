//===- BuildKernels.cpp - The kernels of benchmark rows -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/bench/BuildKernels.h"

#include "dialects/tile/Tile.h"
#include "heed/Support/Error.h"
#include "heed/Support/OutputFile.h"
#include "passes/InitAll.h"
#include "passes/lower/Launch.h"
#include "passes/lower/nvgpu/CompileKernels.h"
#include "passes/pipelines/FirstError.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "llvm/Support/Path.h"

#include <map>

using namespace mlir;
namespace json = llvm::json;

namespace heed {

namespace {
/// One image and how its kernels are launched, as the JSON says it.
struct BuiltKernel {
  std::string file;
  json::Array launches;
};

/// Builds one kernel in a context of its own.
class KernelBuilder {
public:
  KernelBuilder(const BenchBuild &build, std::string key)
      : build_(build), key_(std::move(key)),
        context_(makeRegistry(), MLIRContext::Threading::DISABLED),
        remarks_(&context_, [&](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() != DiagnosticSeverity::Remark)
            return failure();
          keptRemarks_.push_back(diagnostic.str());
          return success();
        }) {}

  llvm::Expected<BuiltKernel> run(StringRef text);

private:
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }
  llvm::Error lower(ModuleOp module);
  llvm::Expected<json::Array> describe(ModuleOp module, const GpuImage &image);
  llvm::Expected<json::Object> describe(ModuleOp module, DictionaryAttr launch,
                                        const GpuImage &image);
  std::string findRemark(StringRef kernel) const;

  const BenchBuild &build_;
  std::string key_;
  MLIRContext context_;
  std::vector<std::string> keptRemarks_;
  ScopedDiagnosticHandler remarks_;
};
} // namespace

/// Puts the variant before the end of a name.
static std::string nameFile(const BenchBuild &build, const llvm::Twine &stem,
                            const llvm::Twine &end) {
  std::string at = build.variant.empty() ? "" : "@" + build.variant;
  return (stem + at + end).str();
}

static std::string placeFile(const BenchBuild &build, StringRef name) {
  SmallString<128> path(build.folder);
  llvm::sys::path::append(path, name);
  return path.str().str();
}

llvm::Error KernelBuilder::lower(ModuleOp module) {
  FirstError error(context_, FirstError::Others::All);
  PassManager manager(&context_, ModuleOp::getOperationName());
  std::string message;
  llvm::raw_string_ostream stream(message);
  if (failed(parsePassPipeline(build_.pipeline, manager, stream)))
    return makeError("pipeline " + quote(build_.pipeline) + ": " + message);
  if (failed(manager.run(module)))
    return error.take(key_ + ": the pipeline failed without a reason");
  return llvm::Error::success();
}

std::string KernelBuilder::findRemark(StringRef kernel) const {
  std::string head = ("kernel " + kernel + ": ").str();
  for (StringRef remark : keptRemarks_)
    if (remark.consume_front(head))
      return remark.str();
  return "";
}

static json::Array describeGrid(tile::KernelOp kernel) {
  json::Array grid;
  for (tile::GridExtent extent : kernel.getGrid())
    grid.push_back(
        json::Object{{"word", extent.argument}, {"divisor", extent.divisor}});
  return grid;
}

static json::Array describeMaps(const CompiledKernel &kernel) {
  json::Array maps;
  for (const TensorMapSlot &map : kernel.maps)
    maps.push_back(json::Object{{"buffer", int64_t(map.buffer)},
                                {"rows", int64_t(map.rows)},
                                {"columns", int64_t(map.columns)},
                                {"box_rows", int64_t(map.boxRows)}});
  return maps;
}

llvm::Expected<json::Object> KernelBuilder::describe(ModuleOp module,
                                                     DictionaryAttr launch,
                                                     const GpuImage &image) {
  StringRef name = launch.getAs<FlatSymbolRefAttr>("kernel").getValue();
  auto op = module.lookupSymbol<tile::KernelOp>(name);
  auto kernel =
      llvm::find_if(image.kernels, [&](const CompiledKernel &candidate) {
        return candidate.name == name;
      });
  if (!op || kernel == image.kernels.end())
    return makeError(key_ + ": found a launch of " + quote(name) +
                     ", wanted a kernel of the module");
  json::Array words;
  for (Attribute word : launch.getAs<ArrayAttr>("words"))
    words.push_back(cast<StringAttr>(word).str());
  return json::Object{{"symbol", kernel->symbol},
                      {"threads", kernel->threads},
                      {"shared_bytes", kernel->scratchBytes},
                      {"words", std::move(words)},
                      {"grid", describeGrid(op)},
                      {"maps", describeMaps(*kernel)},
                      {"persistent", kernel->isPersistent},
                      {"remark", findRemark(name)}};
}

llvm::Expected<json::Array> KernelBuilder::describe(ModuleOp module,
                                                    const GpuImage &image) {
  auto group = module.lookupSymbol<func::FuncOp>("attention");
  if (!group || failed(getLaunches(group)))
    return makeError(key_ + ": found no launches after the pipeline, wanted "
                            "what heed-lower-to-tile writes");
  json::Array launches;
  for (Attribute launch : group->getAttrOfType<ArrayAttr>("launches")) {
    llvm::Expected<json::Object> object =
        describe(module, cast<DictionaryAttr>(launch), image);
    if (!object)
      return object.takeError();
    launches.push_back(std::move(*object));
  }
  return launches;
}

llvm::Expected<BuiltKernel> KernelBuilder::run(StringRef text) {
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context_);
  if (!module)
    return makeError(key_ + ": found a module that cannot be read: " + text);
  if (llvm::Error error = lower(*module))
    return std::move(error);
  GpuTarget target;
  target.arch = build_.target;
  target.assemble = !build_.isText;
  target.remarks = true;
  llvm::Expected<GpuImage> image = compileKernels(*module, target);
  if (!image)
    return image.takeError();
  KernelImage packed = image->toPackage(target.arch);
  bool isText = packed.code != image->cubin;
  BuiltKernel built;
  built.file = nameFile(build_, key_, isText ? ".ptx" : ".cubin");
  llvm::Expected<json::Array> launches = describe(*module, *image);
  if (!launches)
    return launches.takeError();
  built.launches = std::move(*launches);
  if (llvm::Error error =
          writeFile(placeFile(build_, built.file),
                    StringRef(packed.code.data(), packed.code.size())))
    return std::move(error);
  return built;
}

llvm::Error buildKernels(ArrayRef<BenchRow> rows, const BenchBuild &build) {
  std::map<std::string, BuiltKernel> kernels;
  json::Array entries;
  for (const BenchRow &row : rows) {
    std::string key = row.getKernelKey();
    auto [place, isNew] = kernels.try_emplace(key);
    if (isNew) {
      llvm::Expected<BuiltKernel> kernel =
          KernelBuilder(build, key).run(row.writeModule());
      if (!kernel)
        return kernel.takeError();
      place->second = std::move(*kernel);
    }
    json::Object entry = row.toJson();
    entry["file"] = place->second.file;
    entry["launches"] = json::Array(place->second.launches);
    entries.push_back(std::move(entry));
  }
  json::Object root{{"target", build.target},
                    {"commit", build.commit},
                    {"rows", std::move(entries)}};
  std::string text;
  llvm::raw_string_ostream(text)
      << llvm::formatv("{0:2}\n", json::Value(std::move(root)));
  return writeFile(placeFile(build, nameFile(build, "kernels", ".json")), text);
}

} // namespace heed
