//===- WeightStore.cpp - Values of the weights of a module ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/WeightStore.h"
#include "heed/Support/Error.h"

#include "llvm/Support/Path.h"

using namespace mlir;

namespace heed {

using reference::Tensor;
using reference::TensorRef;

std::string getModuleFolder(ModuleOp module) {
  auto location = dyn_cast<FileLineColLoc>(module.getLoc());
  if (!location || location.getFilename() == "-" ||
      location.getFilename().getValue().starts_with("<"))
    return "";
  return llvm::sys::path::parent_path(location.getFilename().getValue()).str();
}

WeightStore::WeightStore(ModuleOp module, StringRef folder)
    : module(module), symbols(module), folder(folder) {}

void WeightStore::set(StringRef name, TensorRef value) {
  values.insert_or_assign(name, std::move(value));
}

FailureOr<TensorRef> WeightStore::get(Operation *user, StringRef name) {
  auto found = values.find(name);
  if (found != values.end() && found->second)
    return found->second;
  if (found != values.end())
    return user->emitOpError("found weight @")
           << name << " in its own initialiser";
  auto weight = symbols.lookup<attn::WeightOp>(name);
  if (!weight)
    return user->emitOpError("found no attn.weight @") << name;
  values[name] = nullptr;
  FailureOr<TensorRef> value = compute(weight);
  if (failed(value)) {
    values.erase(name);
    return failure();
  }
  values[name] = *value;
  return *value;
}

FailureOr<TensorRef> WeightStore::compute(attn::WeightOp weight) {
  if (weight.hasSource()) {
    FailureOr<Tensor> loaded = load(weight);
    if (failed(loaded))
      return failure();
    return std::make_shared<const Tensor>(std::move(*loaded));
  }
  EvalContext context;
  context.weights = [&](Operation *user, StringRef name) {
    return get(user, name);
  };
  EvalFrame frame(context);
  SmallVector<EvalValue> results;
  if (failed(frame.run(weight.getInit().front(), {}, results)))
    return failure();
  return std::get<TensorRef>(results.front());
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

FailureOr<Tensor> WeightStore::load(attn::WeightOp weight) {
  auto fileOp = symbols.lookup<attn::FileOp>(*weight.getFile());
  llvm::Expected<const SafetensorsFile *> file = open(fileOp);
  if (!file)
    return weight.emitOpError(llvm::toString(file.takeError()));
  llvm::Expected<Tensor> tensor = read(weight, **file);
  if (!tensor)
    return weight.emitOpError(llvm::toString(tensor.takeError()));
  return std::move(*tensor);
}

llvm::Expected<const SafetensorsFile *> WeightStore::open(attn::FileOp file) {
  std::unique_ptr<SafetensorsFile> &entry = files[file.getSymName()];
  if (entry)
    return entry.get();
  llvm::SmallString<128> path;
  if (!llvm::sys::path::is_absolute(file.getPath()))
    path = folder;
  llvm::sys::path::append(path, file.getPath());
  uint64_t hash;
  if (file.getHash().getAsInteger(16, hash))
    return makeError("found a hash of " + quote(file.getHash()) +
                     ", wanted hexadecimal digits");
  llvm::Expected<SafetensorsFile> opened =
      SafetensorsFile::openUnchanged(path, hash);
  if (!opened)
    return opened.takeError();
  entry = std::make_unique<SafetensorsFile>(std::move(*opened));
  return entry.get();
}

/// Copies the part of `source`, of shape `whole`, that begins at `offsets`.
static void copySlice(ArrayRef<double> source, ArrayRef<int64_t> whole,
                      ArrayRef<int64_t> offsets, Tensor &part) {
  int64_t width = part.width();
  for (int64_t row = 0, e = part.rows(); row < e; ++row) {
    int64_t rest = row, from = 0, stride = 1;
    if (!whole.empty()) {
      from = offsets.back();
      stride = whole.back();
    }
    for (int64_t dim = part.rank() - 2; dim >= 0; --dim) {
      from += stride * (offsets[dim] + rest % part.shape[dim]);
      rest /= part.shape[dim];
      stride *= whole[dim];
    }
    std::copy_n(source.begin() + from, width, part.row(row));
  }
}

llvm::Expected<Tensor> WeightStore::read(attn::WeightOp weight,
                                         const SafetensorsFile &file) {
  StringRef key = *weight.getKey();
  RankedTensorType type = weight.getTensorType();
  ArrayRef<int64_t> wanted = type.getShape();
  std::string place = file.path().str() + ": " + quote(key) + ": ";
  const TensorEntry *entry = file.header().find(key);
  if (!entry)
    return makeError(place + "found no such tensor");
  SmallVector<int64_t> offsets(wanted.size(), 0);
  if (std::optional<ArrayRef<int64_t>> slice = weight.getSlice())
    offsets = llvm::to_vector(*slice);
  bool fits = entry->shape.size() == wanted.size();
  for (size_t dim = 0; fits && dim < wanted.size(); ++dim)
    fits = weight.getSlice() ? offsets[dim] <= entry->shape[dim] - wanted[dim]
                             : entry->shape[dim] == wanted[dim];
  if (!fits)
    return makeError(place + "found shape " + printShape(entry->shape) +
                     ", wanted " + printShape(wanted) +
                     (weight.getSlice() ? " at offsets " + printShape(offsets)
                                        : std::string()));
  llvm::Expected<ArrayRef<uint8_t>> bytes = file.data(*entry);
  if (!bytes)
    return bytes.takeError();
  std::vector<double> elements(entry->elements());
  loadElements(entry->dtype, *bytes, MutableArrayRef<double>(elements));
  Tensor part(*getElement(type), wanted);
  copySlice(elements, entry->shape, offsets, part);
  part.round();
  return part;
}

} // namespace heed
