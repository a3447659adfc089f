//===- PackageBuilder.cpp - The bytes of a package ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/PackageBuilder.h"

#include "heed-c/Hash.h"

#include <algorithm>
#include <cstring>

namespace heed {

heed_span PackageBuilder::addString(llvm::StringRef text) {
  auto [entry, isNew] = known_.try_emplace(text);
  if (isNew) {
    entry->second = {strings_.size(), text.size()};
    strings_ += text;
  }
  return entry->second;
}

/// Grows `bytes` with zeros to a multiple of `alignment`.
static void align(std::vector<char> &bytes, size_t alignment) {
  bytes.resize((bytes.size() + alignment - 1) / alignment * alignment);
}

uint64_t PackageBuilder::embed(llvm::ArrayRef<char> bytes) {
  align(embedded_, 64);
  uint64_t offset = embedded_.size();
  embedded_.insert(embedded_.end(), bytes.begin(), bytes.end());
  return offset;
}

/// Appends the elements of `table` and returns where they are.
template <typename Table>
static heed_span place(std::vector<char> &bytes, const Table &table,
                       size_t alignment = 8) {
  align(bytes, alignment);
  heed_span span = {bytes.size(),
                    table.size() * sizeof(typename Table::value_type)};
  const char *data = reinterpret_cast<const char *>(table.data());
  bytes.insert(bytes.end(), data, data + span.size);
  return span;
}

std::vector<char> PackageBuilder::finish() {
  heed_package_header header = {};
  std::memcpy(header.magic, HEED_PACKAGE_MAGIC, sizeof(HEED_PACKAGE_MAGIC));
  header.version = HEED_PACKAGE_VERSION;
  header.header_bytes = sizeof(header);
  std::memcpy(header.target, target.data(),
              std::min(target.size(), sizeof(header.target) - 1));
  header.vocabulary = vocabulary;
  header.context = context;

  std::vector<char> bytes(sizeof(header));
  header.strings = place(bytes, strings_);
  header.stop_ids = place(bytes, stopIds);
  header.metadata = place(bytes, metadata);
  header.files = place(bytes, files);
  header.weights = place(bytes, weights);
  header.caches = place(bytes, caches);
  header.fields = place(bytes, fields);
  header.kernels = place(bytes, kernels);
  header.maps = place(bytes, maps);
  header.buffers = place(bytes, buffers);
  header.commands = place(bytes, commands);
  header.operands = place(bytes, operands);
  header.constants = place(bytes, std::vector<int64_t>());
  header.entries = place(bytes, entries);
  header.code = place(bytes, code, 64);
  header.embedded = place(bytes, embedded_, 64);
  align(bytes, 8);
  header.file_bytes = bytes.size();
  std::memcpy(bytes.data(), &header, sizeof(header));
  header.checksum = heed_hash(HEED_HASH_START, bytes.data(), bytes.size());
  std::memcpy(bytes.data(), &header, sizeof(header));
  return bytes;
}

} // namespace heed
