//===- WeightTable.cpp - Where the weights of a package lie ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/WeightTable.h"

#include "heed/Support/Path.h"
#include "heed/Weights/DType.h"

#include "mlir/IR/DialectResourceBlobManager.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace heed {

FailureOr<heed_dtype> getPackageType(Type element) {
  if (element.isF32())
    return HEED_F32;
  if (element.isBF16())
    return HEED_BF16;
  if (element.isInteger(32))
    return HEED_I32;
  return failure();
}

static std::optional<DType> getFileType(Type element) {
  if (element.isF32())
    return DType::F32;
  if (element.isBF16())
    return DType::BF16;
  return std::nullopt;
}

FailureOr<uint32_t> WeightTable::getNumber(attn::UseOp use) {
  auto known = numbers_.find(use.getWeight());
  if (known != numbers_.end())
    return known->second;
  auto weight = symbols_.lookup<attn::WeightOp>(use.getWeight());
  if (!getFileType(weight.getTensorType().getElementType()))
    return weight.emitOpError("found ")
           << weight.getTensorType() << ", kernels have f32 and bf16";
  uint32_t number = package_.weights.size();
  if (failed(enter(weight)))
    return failure();
  numbers_[use.getWeight()] = number;
  return number;
}

LogicalResult WeightTable::enter(attn::WeightOp weight) {
  return weight.hasSource() ? enterSource(weight) : enterConstant(weight);
}

void WeightTable::enterEmbedded(attn::WeightOp weight, ArrayRef<char> bytes) {
  heed_dtype type = *getPackageType(weight.getTensorType().getElementType());
  uint64_t offset = package_.embed(bytes);
  package_.weights.push_back({package_.addString(weight.getSymName()),
                              HEED_EMBEDDED, uint32_t(type), offset,
                              bytes.size()});
}

LogicalResult WeightTable::enterConstant(attn::WeightOp weight) {
  Operation *yield = weight.getInit().front().getTerminator();
  ElementsAttr value;
  int64_t size = weight.getTensorType().getNumElements() *
                 weight.getTensorType().getElementTypeBitWidth() / 8;
  ArrayRef<char> bytes;
  std::vector<char> repeated;
  if (!matchPattern(yield->getOperand(0), m_Constant(&value)))
    return weight.emitOpError(
        "has an initialiser that needs evaluation, wanted "
        "a constant; run heed-materialize-weights first");
  if (auto dense = dyn_cast<DenseElementsAttr>(value)) {
    bytes = dense.getRawData();
    if (dense.isSplat()) {
      while (int64_t(repeated.size()) < size)
        repeated.insert(repeated.end(), bytes.begin(), bytes.end());
      bytes = repeated;
    }
  } else if (auto resource = dyn_cast<DenseResourceElementsAttr>(value)) {
    if (AsmResourceBlob *blob = resource.getRawHandle().getBlob())
      bytes = blob->getData();
  }
  if (int64_t(bytes.size()) != size)
    return weight.emitOpError("has a constant of ")
           << bytes.size() << " bytes, wanted " << size;
  enterEmbedded(weight, bytes);
  return success();
}

FailureOr<WeightTable::File *> WeightTable::getFile(attn::WeightOp weight) {
  auto op = symbols_.lookup<attn::FileOp>(*weight.getFile());
  auto known = files_.find(op.getSymName().str());
  if (known != files_.end())
    return &known->second;
  uint64_t hash;
  if (op.getHash().getAsInteger(16, hash))
    return op.emitOpError("found an unreadable hash"), failure();
  std::string path = makeAbsolute(op.getPath(), moduleFolder_);
  llvm::Expected<SafetensorsFile> file =
      SafetensorsFile::openUnchanged(path, hash);
  if (!file)
    return op.emitOpError() << llvm::toString(file.takeError());
  std::string shown = rebase(path, moduleFolder_, packageFolder_);
  uint32_t number = package_.files.size();
  package_.files.push_back({package_.addString(shown), hash});
  return &files_
              .try_emplace(op.getSymName().str(),
                           File{std::move(*file), number})
              .first->second;
}

namespace {
/// The part of a tensor that a weight is.
struct Part {
  SmallVector<int64_t> from, shape, whole;

  /// Returns whether the part lies in one piece.
  bool isContiguous() const {
    size_t inner = 0; // Behind the outermost size that is not 1.
    while (inner != shape.size() && shape[inner] == 1)
      ++inner;
    for (size_t i = inner + 1; i < shape.size(); ++i)
      if (shape[i] != whole[i])
        return false;
    return true;
  }
  /// Returns the element that the part begins with.
  int64_t getFirst() const {
    int64_t first = 0;
    for (size_t i = 0; i != shape.size(); ++i)
      first = first * whole[i] + from[i];
    return first;
  }
  /// Calls `visit` with the first element of each row, in order.
  void forEachRow(llvm::function_ref<void(int64_t)> visit) const {
    SmallVector<int64_t> at(shape.size(), 0);
    int64_t rows = 1;
    for (size_t i = 0; i + 1 < shape.size(); ++i)
      rows *= shape[i];
    for (int64_t row = 0; row != rows; ++row) {
      int64_t rest = row, element = 0, stride = 1;
      for (size_t i = shape.size(); i-- != 0;) {
        int64_t index = from[i];
        if (i + 1 != shape.size()) {
          index += rest % shape[i];
          rest /= shape[i];
        }
        element += index * stride;
        stride *= whole[i];
      }
      visit(element);
    }
  }
};
} // namespace

/// Finds the part of `tensor` that `weight` is; an error if it is none.
static FailureOr<Part> findPart(attn::WeightOp weight,
                                const TensorEntry &tensor) {
  Part part;
  part.shape.assign(weight.getTensorType().getShape().begin(),
                    weight.getTensorType().getShape().end());
  part.whole.assign(tensor.shape.begin(), tensor.shape.end());
  part.from.assign(part.shape.size(), 0);
  if (std::optional<ArrayRef<int64_t>> slice = weight.getSlice())
    part.from.assign(slice->begin(), slice->end());
  bool fits = part.shape.size() == part.whole.size();
  for (size_t i = 0; fits && i != part.shape.size(); ++i)
    fits = weight.getSlice() ? part.from[i] <= part.whole[i] - part.shape[i]
                             : part.shape[i] == part.whole[i];
  if (!fits)
    return weight.emitOpError("found a tensor of shape ")
           << printShape(tensor.shape) << " in the file, wanted "
           << printShape(part.shape)
           << (weight.getSlice() ? " from the slice on" : "");
  return part;
}

LogicalResult WeightTable::enterSource(attn::WeightOp weight) {
  FailureOr<File *> file = getFile(weight);
  if (failed(file))
    return failure();
  const TensorEntry *tensor = (*file)->file.header().find(*weight.getKey());
  if (!tensor)
    return weight.emitOpError("found no tensor '")
           << *weight.getKey() << "' in " << (*file)->file.path();
  FailureOr<Part> part = findPart(weight, *tensor);
  if (failed(part))
    return failure();

  RankedTensorType type = weight.getTensorType();
  DType wanted = *getFileType(type.getElementType());
  uint64_t width = dtypeBytes(wanted);
  if (wanted == tensor->dtype && part->isContiguous()) {
    package_.weights.push_back(
        {package_.addString(weight.getSymName()), (*file)->number,
         uint32_t(*getPackageType(type.getElementType())),
         tensor->offset + part->getFirst() * width,
         type.getNumElements() * width});
    return success();
  }

  llvm::Expected<ArrayRef<uint8_t>> data = (*file)->file.data(*tensor);
  if (!data)
    return weight.emitOpError() << llvm::toString(data.takeError());
  int64_t row = part->shape.empty() ? 1 : part->shape.back();
  uint64_t sourceWidth = dtypeBytes(tensor->dtype);
  std::vector<char> bytes(type.getNumElements() * width);
  char *next = bytes.data();
  std::vector<double> values(row);
  part->forEachRow([&](int64_t element) {
    loadElements(tensor->dtype,
                 data->slice(element * sourceWidth, row * sourceWidth), values);
    storeElements(wanted, values,
                  {reinterpret_cast<uint8_t *>(next), size_t(row * width)});
    next += row * width;
  });
  enterEmbedded(weight, bytes);
  return success();
}

} // namespace heed
