//===- SafetensorsWriter.cpp - Writing weight files -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/SafetensorsWriter.h"
#include "heed-c/Hash.h"
#include "heed/Support/Error.h"
#include "heed/Support/OutputFile.h"
#include "heed/Weights/Safetensors.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/JSON.h"
#include "llvm/Support/MathExtras.h"

#include <numeric>

namespace heed {

constexpr uint64_t kAlignment = 64;

namespace {

/// What the header says: the tensors in the order of the file.
struct Layout {
  std::vector<size_t> order;
  std::vector<uint64_t> bytes;
  /// From the end of the header, by number of the tensor.
  std::vector<uint64_t> offset;
};

} // namespace

/// Refuses what no header can say.
static llvm::Error checkSpecs(llvm::StringRef path,
                              llvm::ArrayRef<TensorSpec> tensors) {
  std::vector<llvm::StringRef> names;
  for (const TensorSpec &tensor : tensors) {
    names.push_back(tensor.name);
    if (tensor.name == "__metadata__" || !llvm::json::isUTF8(tensor.name))
      return makeError(path + ": found tensor name " + quote(tensor.name) +
                       ", wanted UTF-8 other than \"__metadata__\"");
    if (!countBytes(tensor.dtype, tensor.shape))
      return makeError(path + ": tensor " + quote(tensor.name) +
                       ": found shape " + printShape(tensor.shape) +
                       ", wanted sizes of at least 0 and less than 2^63 bytes");
  }
  llvm::sort(names);
  auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    return makeError(path + ": found two tensors named " + quote(*twice) +
                     ", wanted each name once");
  return llvm::Error::success();
}

static llvm::Expected<Layout> placeTensors(llvm::StringRef path,
                                           llvm::ArrayRef<TensorSpec> tensors) {
  if (llvm::Error error = checkSpecs(path, tensors))
    return std::move(error);
  Layout layout;
  for (const TensorSpec &tensor : tensors)
    layout.bytes.push_back(*countBytes(tensor.dtype, tensor.shape));
  layout.order.resize(tensors.size());
  std::iota(layout.order.begin(), layout.order.end(), 0);
  auto key = [&](size_t i) {
    bool uneven = layout.bytes[i] % kAlignment != 0;
    uint64_t elementBytes = uneven ? dtypeBytes(tensors[i].dtype) : 0;
    return std::make_tuple(uneven, -static_cast<int64_t>(elementBytes),
                           llvm::StringRef(tensors[i].name));
  };
  llvm::sort(layout.order, [&](size_t a, size_t b) { return key(a) < key(b); });
  layout.offset.resize(tensors.size());
  uint64_t end = 0;
  for (size_t i : layout.order) {
    layout.offset[i] = end;
    end += layout.bytes[i];
    if (end > static_cast<uint64_t>(INT64_MAX))
      return makeError(path + ": found 2^63 bytes of tensors, wanted less");
  }
  return layout;
}

/// Prints the eight bytes of the length and the header.
static std::string printHeader(llvm::ArrayRef<TensorSpec> tensors,
                               SafetensorsMetadata metadata,
                               const Layout &layout) {
  std::string header(8, '\0');
  llvm::raw_string_ostream stream(header);
  llvm::json::OStream json(stream);
  json.object([&] {
    llvm::sort(metadata);
    if (!metadata.empty())
      json.attributeObject("__metadata__", [&] {
        for (const auto &[key, value] : metadata)
          json.attribute(key, value);
      });
    for (size_t i : layout.order)
      json.attributeObject(tensors[i].name, [&] {
        json.attribute("dtype", dtypeName(tensors[i].dtype));
        json.attributeArray("shape", [&] {
          for (int64_t size : tensors[i].shape)
            json.value(size);
        });
        json.attributeArray("data_offsets", [&] {
          json.value(layout.offset[i]);
          json.value(layout.offset[i] + layout.bytes[i]);
        });
      });
  });
  stream.flush();
  header.resize(llvm::alignTo(header.size(), kAlignment), ' ');
  llvm::support::endian::write64le(header.data(), header.size() - 8);
  return header;
}

llvm::Expected<uint64_t> writeSafetensors(
    llvm::StringRef path, llvm::ArrayRef<TensorSpec> tensors,
    const SafetensorsMetadata &metadata,
    llvm::function_ref<llvm::Error(size_t, llvm::raw_ostream &)> fill) {
  llvm::Expected<Layout> layout = placeTensors(path, tensors);
  if (!layout)
    return layout.takeError();
  std::string header = printHeader(tensors, metadata, *layout);
  llvm::Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  llvm::raw_ostream &os = file->os();
  os << header;
  for (size_t i : layout->order) {
    uint64_t begin = os.tell();
    if (llvm::Error error = fill(i, os))
      return std::move(error);
    // A full disk: commit() says so.
    if (file->failed())
      break;
    if (os.tell() - begin != layout->bytes[i])
      return makeError(path + ": tensor " + quote(tensors[i].name) +
                       ": found " + llvm::Twine(os.tell() - begin) +
                       " bytes, wanted " + llvm::Twine(layout->bytes[i]));
  }
  if (llvm::Error error = file->commit())
    return std::move(error);
  return heed_hash(HEED_HASH_START, header.data(), header.size());
}

llvm::Expected<uint64_t>
writeSafetensors(llvm::StringRef path, llvm::ArrayRef<TensorSpec> tensors,
                 const SafetensorsMetadata &metadata,
                 llvm::ArrayRef<llvm::ArrayRef<uint8_t>> data) {
  assert(data.size() == tensors.size());
  return writeSafetensors(
      path, tensors, metadata, [&](size_t i, llvm::raw_ostream &os) {
        os.write(reinterpret_cast<const char *>(data[i].data()),
                 data[i].size());
        return llvm::Error::success();
      });
}

} // namespace heed
