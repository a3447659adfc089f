//===- MaterializeWeights.cpp - Initialisers become files -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/Passes.h"
#include "passes/analysis/WeightStore.h"

#include "heed-c/Hash.h"
#include "heed/Support/Error.h"
#include "heed/Weights/SafetensorsWriter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_MATERIALIZEWEIGHTSPASS
#include "passes/analysis/Passes.h.inc"

namespace {

struct MaterializeWeights
    : impl::MaterializeWeightsPassBase<MaterializeWeights> {
  using MaterializeWeightsPassBase::MaterializeWeightsPassBase;

  void runOnOperation() override;

private:
  llvm::Expected<std::string> write(ArrayRef<attn::WeightOp> weights,
                                    StringRef folder, uint64_t &headerHash);
};

/// A name in a folder that goes again unless it is kept.
class ScratchFile {
public:
  explicit ScratchFile(StringRef folder) {
    llvm::SmallString<128> model(folder);
    llvm::sys::path::append(model, "weights-%%%%%%%%.tmp");
    llvm::sys::fs::createUniquePath(model, path, /*MakeAbsolute=*/false);
  }
  ~ScratchFile() { llvm::sys::fs::remove(path); }

  llvm::SmallString<128> path;
};

} // namespace

/// A constant of at most so many elements is no use in a file.
static constexpr int64_t kInlineElements = 4096;

/// Says whether the value of a weight stands in the module and may stay there.
static bool isSmallConstant(attn::WeightOp weight) {
  Block &block = weight.getInit().front();
  return weight.getTensorType().getNumElements() <= kInlineElements &&
         llvm::all_of(block.without_terminator(),
                      [](Operation &op) { return isa<arith::ConstantOp>(op); });
}

static DType toDType(Type element) {
  if (element.isBF16())
    return DType::BF16;
  if (element.isF16())
    return DType::F16;
  return element.isF64() ? DType::F64 : DType::F32;
}

/// Writes the values of `weights` to a file that is named by its content, and
/// returns its name. One value is in memory at a time, with what it needs.
llvm::Expected<std::string>
MaterializeWeights::write(ArrayRef<attn::WeightOp> weights, StringRef folder,
                          uint64_t &headerHash) {
  std::vector<TensorSpec> specs;
  for (attn::WeightOp weight : weights) {
    RankedTensorType type = weight.getTensorType();
    specs.push_back({weight.getSymName().str(), toDType(type.getElementType()),
                     type.getShape().vec()});
  }
  uint64_t hash = HEED_HASH_START;
  auto fill = [&](size_t i, llvm::raw_ostream &os) -> llvm::Error {
    WeightStore values(getOperation(), folder);
    attn::WeightOp weight = weights[i];
    FailureOr<reference::TensorRef> value =
        values.get(weight, weight.getSymName());
    if (failed(value))
      return makeError(""); // The store has said why.
    std::vector<uint8_t> bytes((*value)->size() * dtypeBytes(specs[i].dtype));
    storeElements(specs[i].dtype, (*value)->data, bytes);
    hash = heed_hash(hash, bytes.data(), bytes.size());
    os << llvm::toStringRef(bytes);
    return llvm::Error::success();
  };
  ScratchFile scratch(folder);
  llvm::Expected<uint64_t> header =
      writeSafetensors(scratch.path, specs, /*metadata=*/{}, fill);
  if (!header)
    return header.takeError();
  headerHash = *header;
  hash = heed_hash(hash, &headerHash, sizeof(headerHash));
  std::string name = "weights-" +
                     llvm::utohexstr(hash, /*LowerCase=*/true, /*Width=*/16) +
                     ".safetensors";
  llvm::SmallString<128> path(folder);
  llvm::sys::path::append(path, name);
  if (std::error_code code = llvm::sys::fs::rename(scratch.path, path))
    return makeError("cannot create " + quote(path), code);
  return name;
}

void MaterializeWeights::runOnOperation() {
  ModuleOp module = getOperation();
  SmallVector<attn::WeightOp> weights;
  for (auto weight : module.getOps<attn::WeightOp>())
    if (!weight.hasSource() && !isSmallConstant(weight))
      weights.push_back(weight);
  if (weights.empty())
    return markAllAnalysesPreserved();
  std::string place = folder.empty() ? getModuleFolder(module) : folder;
  uint64_t headerHash = 0;
  llvm::Expected<std::string> name = write(weights, place, headerHash);
  if (!name) {
    std::string reason = llvm::toString(name.takeError());
    if (!reason.empty())
      module.emitError(reason);
    return signalPassFailure();
  }
  OpBuilder builder(module.getContext());
  auto file = attn::FileOp::create(
      builder, module.getLoc(), "materialized", *name,
      llvm::utohexstr(headerHash, /*LowerCase=*/true, /*Width=*/16));
  SymbolTable(module).insert(file, weights.front()->getIterator());
  for (attn::WeightOp weight : weights) {
    weight.getInit().getBlocks().clear();
    weight.setFileAttr(FlatSymbolRefAttr::get(file.getSymNameAttr()));
    weight.setKeyAttr(weight.getSymNameAttr());
  }
}

} // namespace heed
