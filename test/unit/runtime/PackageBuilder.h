//===- PackageBuilder.h - Packages made by hand -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes packages for tests, without a compiler: tables grow by calls, `build`
/// lays them out and seals them with a checksum. Nothing is checked here, so
/// that wrong packages can be built too.
///
/// \code
///   PackageBuilder builder;
///   uint32_t kernel = builder.kernel("record", 64);
///   builder.beginEntry("prefill");
///   uint32_t out = builder.buffer({64, 0, 0, 0}, HEED_F64, 0, 0);
///   builder.launch(kernel, {heed_operand(HEED_ARG_BUFFER, out)}, {});
///   builder.endEntry();
///   std::string bytes = builder.build();
/// \endcode
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_PACKAGEBUILDER_H
#define HEED_TEST_UNIT_RUNTIME_PACKAGEBUILDER_H

#include "heed-c/Hash.h"
#include "heed-c/Package.h"

#include <cstddef>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

namespace heed::test {

/// Writes the checksum of a package of at least a header.
inline void seal(std::string &bytes) {
  constexpr size_t at = offsetof(heed_package_header, checksum);
  std::memset(&bytes[at], 0, 8);
  uint64_t hash = heed_hash(HEED_HASH_START, bytes.data(), bytes.size());
  std::memcpy(&bytes[at], &hash, 8);
}

inline std::string readFile(const std::string &path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline void writeFile(const std::string &path, const std::string &bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

class PackageBuilder {
public:
  heed_package_header header = {};
  std::vector<heed_package_file> files;
  std::vector<heed_package_weight> weights;
  std::vector<heed_package_cache> caches;
  std::vector<heed_package_field> fields;
  std::vector<heed_package_kernel> kernels;
  std::vector<heed_package_map> maps;
  std::vector<heed_package_buffer> buffers;
  std::vector<heed_package_command> commands;
  std::vector<uint32_t> operands;
  std::vector<int64_t> constants;
  std::vector<heed_package_entry> entries;
  std::vector<int32_t> stopIds;
  std::string strings, code, embedded, metadata = "{}";

  PackageBuilder() {
    std::memcpy(header.magic, HEED_PACKAGE_MAGIC, 8);
    header.version = HEED_PACKAGE_VERSION;
    header.header_bytes = sizeof(header);
    std::strcpy(header.target, "x86-64-v3");
    header.vocabulary = 16;
  }

  heed_span text(const std::string &value) {
    strings += value;
    return {strings.size() - value.size(), value.size()};
  }
  uint32_t file(const std::string &path, uint64_t hash) {
    files.push_back({text(path), hash});
    return files.size() - 1;
  }
  uint32_t weight(const std::string &name, uint32_t file, heed_dtype dtype,
                  uint64_t offset, uint64_t bytes) {
    weights.push_back({text(name), file, dtype, offset, bytes});
    return weights.size() - 1;
  }
  uint32_t embed(const std::string &name, const std::vector<float> &values) {
    const char *data = reinterpret_cast<const char *>(values.data());
    embedded.append(data, values.size() * 4);
    return weight(name, HEED_EMBEDDED, HEED_F32,
                  embedded.size() - values.size() * 4, values.size() * 4);
  }
  /// Fields of a cache must be added right behind it.
  uint32_t cache(const std::string &name, uint32_t window, uint32_t sinks,
                 bool untilDecode = false) {
    caches.push_back({text(name), uint32_t(fields.size()), 0, window, sinks,
                      untilDecode, 0});
    return caches.size() - 1;
  }
  uint32_t field(const std::string &name, uint32_t heads, uint32_t width,
                 heed_dtype dtype = HEED_F32) {
    fields.push_back({text(name), heads, width, dtype, 0});
    ++caches.back().field_count;
    return fields.size() - 1;
  }
  uint32_t kernel(const std::string &symbol, uint64_t scratch,
                  uint32_t threads = 1) {
    kernels.push_back(
        {text(symbol), scratch, threads, uint32_t(maps.size()), 0, 0});
    return kernels.size() - 1;
  }
  /// Maps of a kernel must be added right behind it.
  void map(uint32_t buffer, uint32_t rows, uint32_t columns, uint32_t boxRows) {
    maps.push_back({buffer, rows, columns, boxRows});
    ++kernels.back().map_count;
  }
  uint32_t constant(int64_t value) {
    constants.push_back(value);
    return heed_operand(HEED_ARG_CONSTANT, constants.size() - 1);
  }

  void beginEntry(const std::string &name) {
    entries.push_back({text(name), uint32_t(commands.size()), 0,
                       uint32_t(buffers.size()), 0});
  }
  /// Returns the index within the entry.
  uint32_t buffer(heed_package_size elements, heed_dtype dtype, uint32_t first,
                  uint32_t last) {
    buffers.push_back({elements, dtype, first, last, 0});
    return entries.back().buffer_count++;
  }
  heed_package_command &command(heed_opcode opcode, uint32_t a,
                                const std::vector<uint32_t> &words) {
    heed_package_command command = {};
    command.opcode = opcode;
    command.a = a;
    command.b = operands.size();
    command.c = words.size();
    operands.insert(operands.end(), words.begin(), words.end());
    commands.push_back(command);
    ++entries.back().command_count;
    return commands.back();
  }
  void launch(uint32_t kernel, const std::vector<uint32_t> &words,
              const std::vector<heed_package_grid_term> &grid,
              const std::string &label = "") {
    heed_span span = text(label);
    heed_package_command &launched = command(HEED_OP_LAUNCH, kernel, words);
    launched.label = span.offset;
    launched.label_size = span.size;
    launched.grid_terms = grid.size();
    for (size_t i = 0; i < grid.size() && i < 3; ++i)
      launched.grid[i] = grid[i];
  }
  void append(uint32_t cache, const std::vector<uint32_t> &words) {
    command(HEED_OP_CACHE_APPEND, cache, words);
  }
  void endEntry() { command(HEED_OP_RETURN, 0, {}); }

  std::string build() {
    std::string bytes(sizeof(header), '\0');
    auto blob = [&](const void *data, size_t size) {
      bytes.resize((bytes.size() + 63) / 64 * 64);
      heed_span span = {bytes.size(), size};
      bytes.append(static_cast<const char *>(data), size);
      return span;
    };
    auto table = [&](const auto &records) {
      return blob(records.data(), records.size() * sizeof(records[0]));
    };
    heed_package_header h = header;
    h.strings = table(strings);
    h.stop_ids = table(stopIds);
    h.metadata = table(metadata);
    h.files = table(files);
    h.weights = table(weights);
    h.caches = table(caches);
    h.fields = table(fields);
    h.kernels = table(kernels);
    h.maps = table(maps);
    h.buffers = table(buffers);
    h.commands = table(commands);
    h.operands = table(operands);
    h.constants = table(constants);
    h.entries = table(entries);
    h.code = table(code);
    h.embedded = table(embedded);
    h.file_bytes = bytes.size();
    std::memcpy(&bytes[0], &h, sizeof(h));
    seal(bytes);
    return bytes;
  }
};

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_PACKAGEBUILDER_H
