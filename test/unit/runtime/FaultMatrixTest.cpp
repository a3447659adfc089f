//===- FaultMatrixTest.cpp - Every fault at every reader ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Damages a package, its code and its weight file in every way we know, opens
/// the result through the C interface, and prints what it answered. Each fault
/// must give one clear line and the right code, and leave nothing behind.
///
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/ProductModel.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <functional>

using namespace heed::test;

namespace {

class FaultMatrix : public testing::Test {
protected:
  void SetUp() override {
    folder = testing::TempDir() + "heed-fault-matrix";
    std::filesystem::create_directories(folder);
    weights = std::string("\x02\0\0\0\0\0\0\0{}datadata", 18);
    writeFile(folder + "/w.safetensors", weights);
    builder = tinyBuilder();
    builder.file("w.safetensors",
                 heed_hash(HEED_HASH_START, weights.data(), 10));
    builder.weight("l0.extra", 0, HEED_F32, 10, 8);
    good = builder.build();
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// Opens a package that is `bytes` and prints a row.
  void open(const char *reader, const std::string &fault,
            const std::string &bytes, heed_status wanted) {
    std::string path = folder + "/m.heed";
    writeFile(path, bytes);
    heed_model *model = nullptr;
    heed_status found = heed_model_open(path.c_str(), "cpu", nullptr, &model);
    std::string message = found == HEED_OK ? "" : heed_last_error();
    EXPECT_EQ(found, wanted) << reader << ": " << fault << ": " << message;
    EXPECT_EQ(model != nullptr, found == HEED_OK);
    EXPECT_EQ(message.find('\n'), std::string::npos);
    if (found != HEED_OK)
      EXPECT_EQ(message.rfind(path + ": ", 0), 0u) << message;
    heed_model_destroy(model);
    print(reader, fault, found, message);
  }

  heed_status openMemory(const std::string &bytes) {
    heed_model *model = nullptr;
    heed_model_options options = {1};
    heed_status found = heed_model_open_memory(
        bytes.data(), bytes.size(), folder.c_str(), "cpu", &options, &model);
    EXPECT_EQ(model != nullptr, found == HEED_OK);
    heed_model_destroy(model);
    return found;
  }

  void print(const char *reader, const std::string &fault, heed_status code,
             std::string message) {
    for (size_t at; (at = message.find(folder + "/")) != std::string::npos;)
      message.erase(at, folder.size() + 1);
    std::printf("| %-7s | %-28s | %d | %s |\n", reader, fault.c_str(), code,
                message.c_str());
  }

  /// The package with a changed header, sealed again.
  std::string
  withHeader(const std::function<void(heed_package_header &)> &change) {
    std::string bytes = good;
    heed_package_header header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    change(header);
    std::memcpy(&bytes[0], &header, sizeof(header));
    seal(bytes);
    return bytes;
  }
  std::string withCode(const std::string &code) {
    PackageBuilder changed = builder;
    changed.code = code;
    return changed.build();
  }

  std::string folder, weights, good;
  PackageBuilder builder;
};

TEST_F(FaultMatrix, Package) {
  open("package", "none", good, HEED_OK);
  open("package", "empty", "", HEED_BAD_PACKAGE);
  open("package", "truncated in the header", good.substr(0, 100),
       HEED_BAD_PACKAGE);
  open("package", "truncated by one byte", good.substr(0, good.size() - 1),
       HEED_BAD_PACKAGE);
  open("package", "one byte too many", good + "x", HEED_BAD_PACKAGE);
  open("package", "another file", std::string(1000, 'x'), HEED_BAD_PACKAGE);
  std::string flipped = good;
  flipped[good.size() / 2] ^= 4;
  open("package", "flipped bit", flipped, HEED_BAD_PACKAGE);
  flipped = good;
  flipped[offsetof(heed_package_header, checksum)] ^= 1;
  open("package", "flipped checksum", flipped, HEED_BAD_PACKAGE);
  open("package", "another version", withHeader([](auto &h) { h.version = 2; }),
       HEED_BAD_PACKAGE);
  open("package", "another device",
       withHeader([](auto &h) { std::strcpy(h.target, "sm_90a"); }),
       HEED_BAD_PACKAGE);
  open("package", "unknown processor",
       withHeader([](auto &h) { std::strcpy(h.target, "x86-64-v9"); }),
       HEED_BAD_PACKAGE);
  open("package", "offset near 2^63",
       withHeader([](auto &h) { h.weights.offset = INT64_MAX - 7; }),
       HEED_BAD_PACKAGE);
  open("package", "size near 2^64",
       withHeader([](auto &h) { h.entries.size = UINT64_MAX - 31; }),
       HEED_BAD_PACKAGE);
  open("package", "sum wraps to the start",
       withHeader([](auto &h) { h.fields = {64, UINT64_MAX - 63}; }),
       HEED_BAD_PACKAGE);
  open("package", "table off its alignment",
       withHeader([](auto &h) { h.kernels.offset += 4; }), HEED_BAD_PACKAGE);
  open("package", "part of a record",
       withHeader([](auto &h) { h.commands.size -= 1; }), HEED_BAD_PACKAGE);
}

/// Every byte of the header, with and without a new checksum.
TEST_F(FaultMatrix, FlippedHeaderBytes) {
  int refused = 0, harmless = 0;
  for (size_t at = 0; at != sizeof(heed_package_header); ++at) {
    std::string bytes = good;
    bytes[at] ^= 0x10;
    EXPECT_EQ(openMemory(bytes), HEED_BAD_PACKAGE) << "byte " << at;
    seal(bytes);
    openMemory(bytes) == HEED_OK ? ++harmless : ++refused;
  }
  std::printf("| package | %zu header bytes flipped, all refused; sealed "
              "again, %d refused, %d harmless |\n",
              sizeof(heed_package_header), refused, harmless);
  EXPECT_GT(refused, 200);
}

TEST_F(FaultMatrix, Truncation) {
  int refused = 0;
  for (size_t size = 0; size < good.size(); size += 37) {
    EXPECT_EQ(openMemory(good.substr(0, size)), HEED_BAD_PACKAGE);
    ++refused;
  }
  std::printf("| package | truncated at %d sizes, all refused |\n", refused);
}

TEST_F(FaultMatrix, Code) {
  std::string code = builder.code;
  open("code", "empty", withCode(""), HEED_BAD_PACKAGE);
  open("code", "no ELF", withCode(std::string(500, 'x')), HEED_BAD_PACKAGE);
  open("code", "truncated", withCode(code.substr(0, code.size() / 3)),
       HEED_BAD_PACKAGE);
  std::string changed = code;
  changed[18] = 40; // Machine: Arm.
  open("code", "another machine", withCode(changed), HEED_BAD_PACKAGE);
  changed = code;
  changed[16] = 2; // An executable.
  open("code", "not a shared object", withCode(changed), HEED_BAD_PACKAGE);
  open("code", "needs libraries", withCode(readFile("/proc/self/exe")),
       HEED_BAD_PACKAGE);
  changed = code;
  size_t name = changed.find("attend");
  ASSERT_NE(name, std::string::npos);
  changed[name] = 'A';
  open("code", "missing kernel", withCode(changed), HEED_BAD_PACKAGE);
}

TEST_F(FaultMatrix, TensorMaps) {
  PackageBuilder maps = withMaps(tinyBuilder());
  auto with = [&](const char *fault,
                  const std::function<void(PackageBuilder &)> &change) {
    PackageBuilder changed = maps;
    change(changed);
    open("maps", fault, changed.build(), HEED_BAD_PACKAGE);
  };
  // Which shows that the check has nothing to say.
  with("none, on another device", [](auto &) {});
  with("missing", [](auto &b) { b.maps.pop_back(); });
  with("one too many", [](auto &b) { b.maps.push_back({0, 3, 64, 8}); });
  with("a target without",
       [](auto &b) { std::strcpy(b.header.target, "sm_80"); });
  with("persistent and not", [](auto &b) { b.kernels[3].persistent = 2; });
  with("half a swizzle", [](auto &b) { b.maps[0].columns = 32; });
  with("too many columns", [](auto &b) { b.maps[0].columns = 512; });
  with("an empty box", [](auto &b) { b.maps[1].box_rows = 0; });
  with("a word that is missing", [](auto &b) { b.maps[1].buffer = 8; });
  with("a number as the buffer", [](auto &b) { b.maps[1].buffer = 4; });
  with("a buffer of f32", [](auto &b) { b.buffers[5].dtype = HEED_F32; });
  with("an address as the rows", [](auto &b) { b.maps[0].rows = 1; });
  with("a negative number of rows", [](auto &b) {
    b.constants[b.operands[b.commands[6].b + 6] & 0xffffff] = -5;
  });
  with("more than parameters hold", [](auto &b) {
    for (int i = 0; i != 30; ++i)
      b.map(0, 3, 64, 8);
  });
}

TEST_F(FaultMatrix, Products) {
  auto with = [&](const char *fault,
                  const std::function<void(PackageBuilder &)> &change) {
    PackageBuilder changed = productBuilder({HEED_PRODUCT_BIAS});
    change(changed);
    open("product", fault, changed.build(), HEED_BAD_PACKAGE);
  };
  // Which shows that the check has nothing to say.
  with("none, on another device", [](auto &) {});
  with("in decode", [](auto &b) { b.entries[0].name = b.text("decode"); });
  with("without a launch",
       [](auto &b) { b.commands[1].opcode = HEED_OP_CACHE_APPEND; });
  with("an unknown flag", [](auto &b) { b.commands[0].a = 8; });
  with("an operand too few", [](auto &b) { --b.commands[0].c; });
  with("rows of another kind",
       [](auto &b) { b.commands[0].grid[0].value.constant = 5; });
  with("half a head", [](auto &b) { b.commands[0].grid[1].divisor = 32; });
  with("a depth near 2^63",
       [](auto &b) { b.commands[0].grid[2].value.constant = INT64_MAX; });
  with("a weight as x", [](auto &b) { b.operands[0] = b.operands[1]; });
  with("x too small", [](auto &b) { b.buffers[0].elements.bn = 8; });
  with("a weight too small", [](auto &b) { b.weights[0].bytes = 32; });
  with("a weight of f16", [](auto &b) { b.weights[0].dtype = HEED_F16; });
  with("a bias too small", [](auto &b) { b.weights[1].bytes = 32; });
  with("a result too small", [](auto &b) { b.buffers[1].elements.bn = 8; });
  with("the result is x", [](auto &b) { b.operands[2] = b.operands[0]; });
}

TEST_F(FaultMatrix, Weights) {
  std::string path = folder + "/w.safetensors";
  std::filesystem::remove(path);
  open("weights", "missing file", good, HEED_BAD_WEIGHTS);
  std::filesystem::create_directories(path);
  open("weights", "a folder", good, HEED_BAD_WEIGHTS);
  std::filesystem::remove(path);
  writeFile(path, "");
  open("weights", "empty file", good, HEED_BAD_WEIGHTS);
  writeFile(path, weights.substr(0, 14));
  open("weights", "truncated data", good, HEED_BAD_WEIGHTS);
  std::string changed = weights;
  changed[8] = '[';
  writeFile(path, changed);
  open("weights", "changed header", good, HEED_BAD_WEIGHTS);
  changed = weights;
  changed[5] = 1; // 2^40.
  writeFile(path, changed);
  open("weights", "header beyond the file", good, HEED_BAD_WEIGHTS);
  writeFile(path, weights);
  builder.weights[1].offset = INT64_MAX - 3;
  open("weights", "offset near 2^63", builder.build(), HEED_BAD_WEIGHTS);
  builder.weights[1].offset = 4;
  open("weights", "range in the header", builder.build(), HEED_BAD_WEIGHTS);
  builder.weights[1].offset = 10;
  builder.weights[1].dtype = 77;
  open("weights", "unknown dtype", builder.build(), HEED_BAD_PACKAGE);
  open("weights", "none", good, HEED_OK);
}

} // namespace
