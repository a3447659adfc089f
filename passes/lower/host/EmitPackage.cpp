//===- EmitPackage.cpp - From lowered groups to a package -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/EmitPackage.h"

#include "heed/Support/Path.h"
#include "passes/lower/host/EmitEntry.h"
#include "passes/lower/host/Metadata.h"

using namespace mlir;

namespace heed {

namespace {
/// Fills a package table by table.
class PackageEmitter {
public:
  PackageEmitter(ModuleOp module, const KernelImage &image,
                 const PackageOptions &options)
      : module_(module), image_(image), options_(options),
        weights_(module, package_, options.moduleFolder,
                 options.packageFolder) {
    package_.target = options.target;
  }

  FailureOr<std::vector<char>> emit();

private:
  LogicalResult describeModel();
  LogicalResult checkSignature(func::FuncOp phase, func::FuncOp first);
  LogicalResult describeCaches(func::FuncOp phase);
  LogicalResult describeCache(func::FuncOp phase, unsigned number);
  void describeKernels();

  ModuleOp module_;
  const KernelImage &image_;
  const PackageOptions &options_;
  PackageBuilder package_;
  WeightTable weights_;
  llvm::StringMap<uint32_t> kernels_;
};
} // namespace

/// Reads an integer of `attn.model`; 0 where it is missing.
static int64_t getNumber(DictionaryAttr model, StringRef name) {
  auto number = model.getAs<IntegerAttr>(name);
  return number ? number.getInt() : 0;
}

LogicalResult PackageEmitter::describeModel() {
  auto model = module_->getAttrOfType<DictionaryAttr>("attn.model");
  if (!model)
    return module_.emitError("found no attribute 'attn.model', wanted the one "
                             "that heed-import writes");
  int64_t vocabulary = getNumber(model, "vocabulary");
  int64_t context = getNumber(model, "context");
  if (vocabulary < 1 || vocabulary > INT32_MAX || context < 0 ||
      context > INT32_MAX)
    return module_.emitError("'attn.model' found with vocabulary ")
           << vocabulary << " and context " << context
           << ", wanted at least 1 and 0";
  package_.vocabulary = vocabulary;
  package_.context = context;
  if (auto ids = model.getAs<DenseI32ArrayAttr>("stop_ids"))
    package_.stopIds.assign(ids.asArrayRef().begin(), ids.asArrayRef().end());
  package_.metadata = makeMetadata(module_, [&](StringRef path) {
    return rebase(path, options_.moduleFolder, options_.packageFolder);
  });
  return success();
}

/// Checks that `phase` is a step, with the caches of the `first` phase.
LogicalResult PackageEmitter::checkSignature(func::FuncOp phase,
                                             func::FuncOp first) {
  constexpr int64_t any = ShapedType::kDynamic;
  Builder builder(phase.getContext());
  auto numbers = RankedTensorType::get({any, any}, builder.getI32Type());
  auto logits = RankedTensorType::get({any, any, package_.vocabulary},
                                      builder.getF32Type());
  ArrayRef<Type> arguments = phase.getArgumentTypes();
  ArrayRef<Type> results = phase.getResultTypes();
  bool fits = arguments.size() >= 3 && arguments[0] == numbers &&
              arguments[1] == numbers && arguments[2] == numbers &&
              arguments == first.getArgumentTypes() && !results.empty() &&
              results[0] == logits &&
              arguments.drop_front(3) == results.drop_front(1);
  if (fits)
    return success();
  return phase.emitError("found a step of type ")
         << phase.getFunctionType() << ", wanted three of " << numbers
         << " and caches to " << logits << " and the same caches";
}

LogicalResult PackageEmitter::describeCache(func::FuncOp phase,
                                            unsigned number) {
  auto type =
      dyn_cast<attn::CacheType>(phase.getArgument(number + 3).getType());
  if (!type)
    return phase.emitError("argument ")
           << number + 3 << " is no cache, wanted ids, positions, rows, caches";
  const attn::CacheField &first = type.getFields().front();
  heed_package_cache cache = {};
  cache.name = package_.addString(("cache " + Twine(number)).str());
  cache.first_field = package_.fields.size();
  cache.field_count = type.getFields().size();
  cache.window = first.window;
  cache.sinks = first.sinks;
  cache.until_decode = first.untilDecode;
  for (const attn::CacheField &field : type.getFields()) {
    FailureOr<heed_dtype> element = getPackageType(field.getElementType());
    bool isSupported = field.rate == attn::CacheRate::Token ||
                       field.rate == attn::CacheRate::Ring;
    if (failed(element) || !isSupported || field.rate != first.rate ||
        field.window != first.window || field.sinks != first.sinks ||
        field.untilDecode != first.untilDecode)
      return phase.emitError("cache ") << number << " found with " << type
                                       << ", wanted fields of f32 or bf16 that "
                                          "all have one rate, 'token' "
                                          "or 'ring'";
    package_.fields.push_back({package_.addString(field.name),
                               uint32_t(field.getHeads()),
                               uint32_t(field.getWidth()), *element, 0});
  }
  package_.caches.push_back(cache);
  return success();
}

LogicalResult PackageEmitter::describeCaches(func::FuncOp phase) {
  for (unsigned i = 0; i + 3 < phase.getNumArguments(); ++i)
    if (failed(describeCache(phase, i)))
      return failure();
  return success();
}

void PackageEmitter::describeKernels() {
  for (const CompiledKernel &kernel : image_.kernels) {
    kernels_[kernel.name] = package_.kernels.size();
    package_.kernels.push_back(
        {package_.addString(kernel.symbol), uint64_t(kernel.scratchBytes),
         uint32_t(kernel.threads), uint32_t(package_.maps.size()),
         uint32_t(kernel.maps.size()), kernel.isPersistent});
    for (const TensorMapSlot &map : kernel.maps)
      package_.maps.push_back({map.buffer, map.rows, map.columns, map.boxRows});
  }
  package_.code = image_.code;
}

FailureOr<std::vector<char>> PackageEmitter::emit() {
  SmallVector<func::FuncOp> phases;
  for (auto function : module_.getOps<func::FuncOp>())
    if (function->hasAttr("attn.phase") && !function.isDeclaration())
      phases.push_back(function);
  if (phases.empty())
    return module_.emitError("found no phase function, wanted @prefill and "
                             "@decode"),
           failure();
  if (failed(describeModel()))
    return failure();
  for (func::FuncOp phase : phases)
    if (failed(checkSignature(phase, phases.front())))
      return failure();
  if (failed(describeCaches(phases.front())))
    return failure();
  describeKernels();
  for (func::FuncOp phase : phases)
    if (failed(EntryEmitter(module_, package_, weights_, kernels_).emit(phase)))
      return failure();
  return package_.finish();
}

FailureOr<std::vector<char>> emitPackage(ModuleOp module,
                                         const KernelImage &image,
                                         const PackageOptions &options) {
  return PackageEmitter(module, image, options).emit();
}

} // namespace heed
