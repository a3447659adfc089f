//===- Package.cpp - Fuzzes the reader of packages ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Arena.h"
#include "runtime/PackageCheck.h"
#include "runtime/Program.h"

#include <cstdlib>
#include <cstring>
#include <memory>

using namespace heed;

/// Makes the identity of a package right, so that mutations reach the tables.
static void seal(char *data, uint64_t size) {
  heed_package_header header;
  std::memcpy(&header, data, sizeof(header));
  std::memcpy(header.magic, HEED_PACKAGE_MAGIC, sizeof(header.magic));
  header.version = HEED_PACKAGE_VERSION;
  header.header_bytes = sizeof(header);
  header.file_bytes = size;
  std::memcpy(data, &header, sizeof(header));
  header.checksum = packageChecksum(data, size);
  std::memcpy(data, &header, sizeof(header));
}

/// Reads everything that a checked package says is there.
static uint64_t readAll(const PackageView &package) {
  uint64_t sum = 0;
  auto text = [&](heed_span span) {
    for (char byte : package.string(span))
      sum += byte;
  };
  for (int32_t id : package.stopIds())
    sum += id;
  for (const heed_package_file &file : package.files())
    text(file.path);
  for (const heed_package_weight &weight : package.weights()) {
    text(weight.name);
    if (weight.file == HEED_EMBEDDED && weight.bytes != 0)
      sum += package.blob(
          package.header().embedded)[weight.offset + weight.bytes - 1];
  }
  for (const heed_package_cache &cache : package.caches()) {
    text(cache.name);
    for (uint32_t i = 0; i != cache.field_count; ++i)
      text(package.fields()[cache.first_field + i].name);
  }
  for (const heed_package_kernel &kernel : package.kernels()) {
    text(kernel.symbol);
    for (uint32_t i = 0; i != kernel.map_count; ++i)
      sum += package.maps()[kernel.first_map + i].columns;
  }
  for (heed_span blob : {package.header().code, package.header().metadata})
    for (char byte : package.blob(blob))
      sum += byte;
#ifdef HEED_PLANTED_OVERFLOW
  sum += package.data()[package.header().file_bytes];
#endif
  return sum;
}

/// Plans steps of usual and of absurd sizes.
static void planAll(const Package &package) {
  Weights weights;
  const StepSizes sizes[] = {
      {1, 1, 1}, {3, 7, 2}, {64, 1024, 0}, {1, INT32_MAX, 1}};
  for (uint32_t entry = 0; entry != package.entries().size(); ++entry) {
    Program program(package, entry, weights);
    for (const StepSizes &size : sizes) {
      StepPlan plan;
      if (program.plan(size, plan))
        continue;
      for (int64_t offset : plan.buffers.offsets)
        if (offset < 0 || offset > plan.buffers.bytes)
          std::abort();
    }
  }
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  // On the heap, to the byte, so that a read behind the end is seen.
  std::unique_ptr<char, decltype(&std::free)> copy(
      static_cast<char *>(std::malloc(size ? size : 1)), std::free);
  if (size != 0)
    std::memcpy(copy.get(), data, size);
  if (size >= sizeof(heed_package_header))
    seal(copy.get(), size);
  if (Status error = checkPackage(copy.get(), size, "f")) {
    bool clear = error.code() == HEED_BAD_PACKAGE &&
                 error.message().rfind("f: ", 0) == 0 &&
                 error.message().find('\n') == std::string::npos;
    if (!clear)
      std::abort();
    return 0;
  }
  uint64_t sum = readAll(PackageView(copy.get()));
  Package package;
  if (package.copy(copy.get(), size, "f"))
    std::abort();
  planAll(package);
  return sum == 1 ? -1 : 0;
}
