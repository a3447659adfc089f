//===- Weights.cpp - The weights of a model, in place ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Weights.h"

#include "heed-c/Hash.h"
#include "runtime/Arithmetic.h"
#include "runtime/PackageCheck.h"

#include <cstring>

namespace heed {

using ull = unsigned long long;

static std::string locate(const std::string &folder, std::string_view path) {
  if (folder.empty() || path.front() == '/')
    return std::string(path);
  return folder + "/" + std::string(path);
}

/// Checks that `file`, at `path`, begins with the header of `wanted`; returns
/// the bytes before its data in `begin`.
static Status checkHeader(const MappedFile &file, const std::string &path,
                          uint64_t wanted, uint64_t &begin) {
  uint64_t length;
  if (file.size() < sizeof(length))
    return makeError(HEED_BAD_WEIGHTS,
                     "%s: %llu bytes found, a safetensors header wanted",
                     path.c_str(), ull(file.size()));
  std::memcpy(&length, file.data(), sizeof(length));
  if (length > file.size() - sizeof(length))
    return makeError(HEED_BAD_WEIGHTS,
                     "%s: header of %llu bytes found, the file has %llu",
                     path.c_str(), ull(length), ull(file.size()));
  begin = sizeof(length) + length;
  uint64_t hash = heed_hash(HEED_HASH_START, file.data(), begin);
  if (hash != wanted)
    return makeError(HEED_BAD_WEIGHTS,
                     "%s: has changed since the package was compiled, header "
                     "hash %016llx found, %016llx wanted",
                     path.c_str(), ull(hash), ull(wanted));
  return Status();
}

Status Weights::open(const Package &package, const std::string &folder) {
  std::vector<std::string> paths;
  std::vector<uint64_t> begins;
  for (const heed_package_file &file : package.files()) {
    paths.push_back(locate(folder, package.string(file.path)));
    begins.push_back(0);
    MappedFile mapped;
    if (Status error = mapped.open(paths.back(), HEED_BAD_WEIGHTS))
      return error;
    if (Status error =
            checkHeader(mapped, paths.back(), file.header_hash, begins.back()))
      return error;
    files_.push_back(std::move(mapped));
  }
  for (const heed_package_weight &weight : package.weights()) {
    if (weight.file == HEED_EMBEDDED)
      continue;
    std::string_view name = package.string(weight.name);
    uint64_t size = files_[weight.file].size();
    if (weight.offset < begins[weight.file] ||
        !inRange(weight.offset, weight.bytes, size))
      return makeError(HEED_BAD_WEIGHTS,
                       "%s: weight '%.*s': %llu bytes at %llu wanted, data "
                       "found from %llu to %llu",
                       paths[weight.file].c_str(),
                       static_cast<int>(name.size()), name.data(),
                       ull(weight.bytes), ull(weight.offset),
                       ull(begins[weight.file]), ull(size));
  }
  return Status();
}

Status Weights::place(const Package &package, Device &device) {
  addresses_.clear();
  for (const heed_package_weight &weight : package.weights()) {
    const char *base = weight.file == HEED_EMBEDDED
                           ? package.data() + package.header().embedded.offset
                           : files_[weight.file].data();
    int64_t address = 0;
    if (Status error = device.adopt(base + weight.offset, weight.bytes,
                                    elementBytes(weight.dtype), address))
      return error;
    addresses_.push_back(address);
  }
  return Status();
}

} // namespace heed
