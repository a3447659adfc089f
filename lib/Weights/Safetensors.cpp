//===- Safetensors.cpp - Weight files -------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Safetensors.h"
#include "heed-c/Hash.h"
#include "heed/Support/Error.h"
#include "heed/Support/Json.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

#include <algorithm>

namespace heed {

/// The bytes before the header.
constexpr uint64_t kLengthBytes = 8;
/// The longest header, the limit of the original implementation.
constexpr uint64_t kMostHeaderBytes = 100000000;

std::optional<uint64_t> countBytes(DType dtype, llvm::ArrayRef<int64_t> shape) {
  if (llvm::any_of(shape, [](int64_t size) { return size < 0; }))
    return std::nullopt;
  // An empty tensor is empty however large its other sizes are.
  if (llvm::is_contained(shape, 0))
    return 0;
  int64_t bytes = static_cast<int64_t>(dtypeBytes(dtype));
  for (int64_t size : shape)
    if (llvm::MulOverflow(bytes, size, bytes))
      return std::nullopt;
  return static_cast<uint64_t>(bytes);
}

std::string printShape(llvm::ArrayRef<int64_t> shape) {
  std::string text = "[";
  for (size_t i = 0; i < shape.size(); ++i)
    text += (i ? ", " : "") + std::to_string(shape[i]);
  return text + "]";
}

//===----------------------------------------------------------------------===//
// Header
//===----------------------------------------------------------------------===//

llvm::Expected<uint64_t>
SafetensorsHeader::countHeaderBytes(llvm::StringRef prefix, uint64_t fileBytes,
                                    llvm::StringRef name) {
  if (fileBytes < kLengthBytes || prefix.size() < kLengthBytes)
    return makeError(name + ": found " + llvm::Twine(fileBytes) +
                     " bytes, wanted at least 8 for the length of the header");
  uint64_t length = llvm::support::endian::read64le(prefix.data());
  if (length > kMostHeaderBytes)
    return makeError(name + ": found a header of " + llvm::Twine(length) +
                     " bytes, wanted at most " + llvm::Twine(kMostHeaderBytes));
  if (length > fileBytes - kLengthBytes)
    return makeError(name + ": found a header of " + llvm::Twine(length) +
                     " bytes in a file of " + llvm::Twine(fileBytes) +
                     ", wanted at most " +
                     llvm::Twine(fileBytes - kLengthBytes));
  return kLengthBytes + length;
}

/// Reads the type of a tensor.
static llvm::Error readDType(JsonObject &object, TensorEntry &entry) {
  std::string name;
  if (!object.read("dtype", name))
    return object.takeError();
  std::optional<DType> dtype = parseDType(name);
  if (!dtype) {
    llvm::StringRef prefix = llvm::StringRef(name).take_front(2);
    bool quantised = prefix == "F8" || prefix == "F6" || prefix == "F4";
    return object.get("dtype")->fault(
        llvm::Twine("found ") + (quantised ? "quantised" : "unknown") +
        " dtype " + quote(name) + ", wanted one of " + allDTypeNames());
  }
  entry.dtype = *dtype;
  return llvm::Error::success();
}

/// Reads an array of integers that are at least 0.
static llvm::Error readSizes(JsonObject &object, llvm::StringRef key,
                             std::vector<int64_t> &sizes) {
  if (!object.read(key, sizes))
    return object.takeError();
  auto negative = llvm::find_if(sizes, [](int64_t size) { return size < 0; });
  if (negative == sizes.end())
    return llvm::Error::success();
  std::vector<JsonValue> values = llvm::cantFail(object.get(key)->asArray());
  return values[static_cast<size_t>(negative - sizes.begin())].mismatch(
      "at least 0");
}

/// Reads one tensor. `entry.offset` still counts from the end of the header.
static llvm::Error readTensor(JsonValue value, uint64_t dataBytes,
                              TensorEntry &entry) {
  JsonObject object(value);
  std::vector<int64_t> range;
  if (llvm::Error error = object.takeError())
    return error;
  if (llvm::Error error = readDType(object, entry))
    return error;
  if (llvm::Error error = readSizes(object, "shape", entry.shape))
    return error;
  if (llvm::Error error = readSizes(object, "data_offsets", range))
    return error;
  for (const JsonMember &member : object.unread())
    return member.value.fault("found an unknown field, wanted dtype, shape and "
                              "data_offsets");

  JsonValue offsets = *object.get("data_offsets");
  if (range.size() != 2)
    return offsets.mismatch("array of 2");
  if (range[0] > range[1])
    return offsets.fault("found " + printShape(range) +
                         ", wanted an end that is not before the beginning");
  if (static_cast<uint64_t>(range[1]) > dataBytes)
    return offsets.fault(
        "found " + printShape(range) + ", wanted an end of at most " +
        llvm::Twine(dataBytes) + ", the bytes after the header");
  entry.offset = static_cast<uint64_t>(range[0]);
  entry.bytes = static_cast<uint64_t>(range[1] - range[0]);
  std::optional<uint64_t> bytes = countBytes(entry.dtype, entry.shape);
  if (!bytes)
    return object.get("shape")->fault("found " + dtypeName(entry.dtype) + " " +
                                      quote(printShape(entry.shape)) +
                                      ", wanted less than 2^63 bytes");
  if (*bytes != entry.bytes)
    return offsets.fault("found " + llvm::Twine(entry.bytes) +
                         " bytes, wanted " + llvm::Twine(*bytes) + " for " +
                         dtypeName(entry.dtype) + " " +
                         quote(printShape(entry.shape)));
  return llvm::Error::success();
}

/// Reads the strings under "__metadata__".
static llvm::Error
readMetadata(JsonValue value,
             std::vector<std::pair<std::string, std::string>> &strings) {
  llvm::Expected<std::vector<JsonMember>> members = value.asObject();
  if (!members)
    return members.takeError();
  for (const JsonMember &member : *members) {
    llvm::Expected<llvm::StringRef> text = member.value.asString();
    if (!text)
      return text.takeError();
    strings.emplace_back(member.key.str(), text->str());
  }
  llvm::sort(strings);
  return llvm::Error::success();
}

/// Checks that the tensors fill the bytes after the header.
static llvm::Error checkNoHoles(llvm::ArrayRef<TensorEntry> entries,
                                uint64_t dataBytes, llvm::StringRef name) {
  std::vector<const TensorEntry *> order;
  for (const TensorEntry &entry : entries)
    order.push_back(&entry);
  llvm::sort(order, [](const TensorEntry *a, const TensorEntry *b) {
    return std::tie(a->offset, a->bytes, a->name) <
           std::tie(b->offset, b->bytes, b->name);
  });
  uint64_t end = 0;
  std::string previous = "the header";
  for (const TensorEntry *entry : order) {
    if (entry->offset != end)
      return makeError(
          name + ": header: key " + quote(entry->name + ".data_offsets") +
          ": found " + (entry->offset < end ? "an overlap" : "a hole") +
          ": begins at " + llvm::Twine(entry->offset) + ", wanted " +
          llvm::Twine(end) + ", where " + previous + " ends");
    end += entry->bytes;
    previous = quote(entry->name);
  }
  if (end != dataBytes)
    return makeError(name + ": found " + llvm::Twine(dataBytes - end) +
                     " bytes after the last tensor, wanted none");
  return llvm::Error::success();
}

llvm::Expected<SafetensorsHeader>
SafetensorsHeader::parse(llvm::StringRef prefix, uint64_t fileBytes,
                         llvm::StringRef name) {
  llvm::Expected<uint64_t> begin = countHeaderBytes(prefix, fileBytes, name);
  if (!begin)
    return begin.takeError();
  if (prefix.size() < *begin)
    return makeError(name + ": found " + llvm::Twine(prefix.size()) +
                     " bytes, wanted all " + llvm::Twine(*begin) +
                     " of the header");
  llvm::StringRef text = prefix.slice(kLengthBytes, *begin);
  std::string headerName = (name + ": header").str();
  if (!text.starts_with("{"))
    return makeError(headerName + ": found " +
                     (text.empty() ? "nothing" : quote(text.take_front(1))) +
                     ", wanted \"{\"");
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(text.str(), headerName);
  if (!document)
    return document.takeError();

  SafetensorsHeader header;
  header.headerHash = heed_hash(HEED_HASH_START, prefix.data(), *begin);
  uint64_t dataBytes = fileBytes - *begin;
  for (const JsonMember &member : llvm::cantFail(document->root().asObject())) {
    if (member.key == "__metadata__") {
      if (llvm::Error error = readMetadata(member.value, header.strings))
        return std::move(error);
      continue;
    }
    TensorEntry entry;
    entry.name = member.key.str();
    if (llvm::Error error = readTensor(member.value, dataBytes, entry))
      return std::move(error);
    header.entries.push_back(std::move(entry));
  }
  if (llvm::Error error = checkNoHoles(header.entries, dataBytes, name))
    return std::move(error);
  for (TensorEntry &entry : header.entries)
    entry.offset += *begin;
  llvm::sort(header.entries, [](const TensorEntry &a, const TensorEntry &b) {
    return a.name < b.name;
  });
  return header;
}

const TensorEntry *SafetensorsHeader::find(llvm::StringRef name) const {
  auto found = llvm::partition_point(
      entries, [&](const TensorEntry &entry) { return entry.name < name; });
  return found != entries.end() && found->name == name ? &*found : nullptr;
}

//===----------------------------------------------------------------------===//
// File
//===----------------------------------------------------------------------===//

llvm::Expected<SafetensorsFile> SafetensorsFile::open(llvm::StringRef path) {
  llvm::Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return file.takeError();
  llvm::Expected<std::string> prefix =
      file->read(0, std::min(file->size(), kLengthBytes));
  if (!prefix)
    return prefix.takeError();
  llvm::Expected<uint64_t> headerBytes =
      SafetensorsHeader::countHeaderBytes(*prefix, file->size(), path);
  if (!headerBytes)
    return headerBytes.takeError();
  prefix = file->read(0, *headerBytes);
  if (!prefix)
    return prefix.takeError();
  llvm::Expected<SafetensorsHeader> header =
      SafetensorsHeader::parse(*prefix, file->size(), path);
  if (!header)
    return header.takeError();
  return SafetensorsFile(std::move(*file), std::move(*header));
}

llvm::Expected<SafetensorsFile>
SafetensorsFile::openUnchanged(llvm::StringRef path, uint64_t hash) {
  llvm::Expected<SafetensorsFile> file = open(path);
  if (!file || file->header().hash() == hash)
    return file;
  return makeError(path + ": found header hash 0x" +
                   llvm::utohexstr(file->header().hash(), true, 16) +
                   ", wanted 0x" + llvm::utohexstr(hash, true, 16) +
                   ": the file has changed");
}

llvm::Expected<llvm::ArrayRef<uint8_t>>
SafetensorsFile::data(const TensorEntry &tensor) const {
  llvm::Expected<llvm::ArrayRef<uint8_t>> all = file.map();
  if (!all)
    return all.takeError();
  return all->slice(tensor.offset, tensor.bytes);
}

} // namespace heed
