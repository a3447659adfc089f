//===- WeightsTest.cpp - Tests of runtime/Weights -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Weights.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

#include <filesystem>

using namespace heed;
using namespace heed::test;

namespace {

/// A folder with a file in the safetensors layout: 8 bytes of length, header,
/// data. The reader looks only at the length, so the header is plain text.
class WeightsTest : public testing::Test {
protected:
  void SetUp() override {
    folder = testing::TempDir() + "heed-weights-" +
             testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::create_directories(folder);
    file = std::string("\x0c\0\0\0\0\0\0\0{\"a\":[0,12]}abcdefghijkl", 32);
    hash = heed_hash(HEED_HASH_START, file.data(), 20);
    writeFile(folder + "/w.safetensors", file);
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  /// Opens a package with one weight; leaves its address in `address`.
  Status open(uint64_t offset, uint64_t bytes, heed_dtype dtype = HEED_I32) {
    PackageBuilder builder = tinyBuilder();
    builder.file("w.safetensors", hash);
    uint32_t weight = builder.weight("l0.a", 0, dtype, offset, bytes);
    std::string text = builder.build();
    Status error = package.copy(text.data(), text.size(), "p");
    if (!error)
      error = openDevice("cpu", package, {1}, device);
    if (!error)
      error = weights.open(package, folder);
    if (!error)
      error = weights.place(package, *device);
    if (!error)
      address = weights.address(weight);
    return error;
  }

  std::string folder, file;
  uint64_t hash = 0;
  Package package;
  Weights weights;
  std::unique_ptr<Device> device;
  int64_t address = 0;
};

TEST_F(WeightsTest, BytesAreThoseOfTheFile) {
  Status error = open(20, 8);
  ASSERT_FALSE(error) << error.message();
  char bytes[8];
  device->read(bytes, address, 8);
  EXPECT_EQ(std::string(bytes, 8), "abcdefgh");
  const float *table = reinterpret_cast<const float *>(weights.address(0));
  EXPECT_EQ(table[5], tableValue(0, 1, 1)); // Embedded.
}

TEST_F(WeightsTest, OddAddressesAreCopied) {
  ASSERT_FALSE(open(21, 8));
  EXPECT_EQ(address % 4, 0);
  char bytes[8];
  device->read(bytes, address, 8);
  EXPECT_EQ(std::string(bytes, 8), "bcdefghi");
}

TEST_F(WeightsTest, RangesOutsideOfTheData) {
  struct Range {
    uint64_t offset, bytes;
  };
  for (Range r : {Range{16, 8}, Range{28, 8}, Range{UINT64_MAX - 3, 8},
                  Range{20, (uint64_t(1) << 63) - 4}, Range{33, 0}}) {
    Status error = open(r.offset, r.bytes);
    EXPECT_EQ(error.code(), HEED_BAD_WEIGHTS);
    EXPECT_EQ(error.message(), folder + "/w.safetensors: weight 'l0.a': " +
                                   std::to_string(r.bytes) + " bytes at " +
                                   std::to_string(r.offset) +
                                   " wanted, data found from 20 to 32");
    weights = Weights();
  }
  ASSERT_FALSE(open(32, 0));
}

TEST_F(WeightsTest, MissingFile) {
  std::filesystem::remove(folder + "/w.safetensors");
  Status error = open(20, 8);
  EXPECT_EQ(error.code(), HEED_BAD_WEIGHTS);
  EXPECT_EQ(error.message(), folder + "/w.safetensors: cannot be read: No such "
                                      "file or directory");
}

TEST_F(WeightsTest, ChangedHeader) {
  for (size_t at : {0u, 8u, 19u}) {
    std::string changed = file;
    changed[at] ^= 1;
    writeFile(folder + "/w.safetensors", changed);
    Status error = open(20, 8);
    EXPECT_EQ(error.code(), HEED_BAD_WEIGHTS);
    EXPECT_NE(
        error.message().find("has changed since the package was compiled"),
        std::string::npos)
        << error.message();
  }
  // Data is not hashed: that would read the whole file.
  file[25] ^= 1;
  writeFile(folder + "/w.safetensors", file);
  EXPECT_FALSE(open(20, 8));
}

TEST_F(WeightsTest, TruncatedFile) {
  for (size_t size = 0; size != file.size(); ++size) {
    writeFile(folder + "/w.safetensors", file.substr(0, size));
    EXPECT_EQ(open(20, 12).code(), HEED_BAD_WEIGHTS) << size;
  }
  std::string huge = file;
  huge.replace(0, 8, 8, '\xff');
  writeFile(folder + "/w.safetensors", huge);
  EXPECT_EQ(open(20, 12).message(),
            folder + "/w.safetensors: header of 18446744073709551615 bytes "
                     "found, the file has 32");
}

} // namespace
