//===- SafetensorsWriterTest.cpp ------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/SafetensorsWriter.h"
#include "heed/Weights/Safetensors.h"
#include "test/unit/lib/Support/TemporaryFolder.h"

#include <gtest/gtest.h>

#include <algorithm>

using namespace heed;

namespace {

class SafetensorsWriterTest : public ::testing::Test {
protected:
  /// Writes tensors whose bytes tell their number.
  llvm::Expected<uint64_t> write(std::vector<TensorSpec> tensors,
                                 const SafetensorsMetadata &metadata = {}) {
    std::vector<std::vector<uint8_t>> bytes;
    std::vector<llvm::ArrayRef<uint8_t>> data;
    for (const TensorSpec &tensor : tensors)
      bytes.emplace_back(countBytes(tensor.dtype, tensor.shape).value_or(0),
                         static_cast<uint8_t>(tensor.name.back()));
    data.assign(bytes.begin(), bytes.end());
    return writeSafetensors(path, tensors, metadata, data);
  }

  TemporaryFolder folder;
  std::string path = folder.path("w.safetensors");
};

const std::vector<TensorSpec> kTensors = {
    {"norm.c", DType::F32, {3}},      {"wk.b", DType::BF16, {8, 64}},
    {"mask.e", DType::U8, {5}},       {"wq.a", DType::BF16, {64, 64}},
    {"scale.d", DType::F64, {}},      {"empty.f", DType::F32, {0, 4}},
    {"bias.g", DType::BF16, {1, 33}},
};

TEST_F(SafetensorsWriterTest, WhatIsWrittenIsRead) {
  uint64_t hash = llvm::cantFail(write(kTensors, {{"b", "2"}, {"a", "1"}}));
  SafetensorsFile file = llvm::cantFail(SafetensorsFile::open(path));
  EXPECT_EQ(file.header().hash(), hash);
  EXPECT_EQ(file.header().metadata()[0].first, "a");
  ASSERT_EQ(file.header().tensors().size(), kTensors.size());
  for (const TensorSpec &tensor : kTensors) {
    const TensorEntry *entry = file.header().find(tensor.name);
    ASSERT_TRUE(entry) << tensor.name;
    EXPECT_EQ(entry->dtype, tensor.dtype);
    EXPECT_EQ(entry->shape, tensor.shape);
    for (uint8_t byte : llvm::cantFail(file.data(*entry)))
      ASSERT_EQ(byte, tensor.name.back()) << tensor.name;
  }
}

TEST_F(SafetensorsWriterTest, TensorsAreAligned) {
  llvm::cantFail(write(kTensors));
  SafetensorsFile file = llvm::cantFail(SafetensorsFile::open(path));
  for (const TensorEntry &entry : file.header().tensors()) {
    EXPECT_EQ(entry.offset % dtypeBytes(entry.dtype), 0u) << entry.name;
    if (entry.bytes % 64 == 0)
      EXPECT_EQ(entry.offset % 64, 0u) << entry.name;
  }
}

TEST_F(SafetensorsWriterTest, TheOrderOfTheCallerDoesNotMatter) {
  llvm::cantFail(write(kTensors, {{"a", "1"}, {"b", "2"}}));
  std::string first = folder.read("w.safetensors");
  std::vector<TensorSpec> reversed(kTensors.rbegin(), kTensors.rend());
  llvm::cantFail(write(reversed, {{"b", "2"}, {"a", "1"}}));
  EXPECT_EQ(folder.read("w.safetensors"), first);
}

TEST_F(SafetensorsWriterTest, OddNamesAreEscaped) {
  llvm::cantFail(write({{"a\"b\\c\n\u00e9", DType::U8, {1}}}));
  SafetensorsFile file = llvm::cantFail(SafetensorsFile::open(path));
  EXPECT_TRUE(file.header().find("a\"b\\c\n\u00e9"));
}

TEST_F(SafetensorsWriterTest, RefusesWhatNoFileCanHold) {
  auto errorOf = [&](std::vector<TensorSpec> tensors) {
    return llvm::toString(
        writeSafetensors(path, tensors, {}, [](size_t, llvm::raw_ostream &) {
          return llvm::Error::success();
        }).takeError());
  };
  EXPECT_EQ(errorOf({{"a", DType::U8, {0}}, {"a", DType::F32, {0}}}),
            path + ": found two tensors named \"a\", wanted each name once");
  EXPECT_EQ(errorOf({{"a", DType::F32, {2, -1}}}),
            path + ": tensor \"a\": found shape [2, -1], wanted sizes of at "
                   "least 0 and less than 2^63 bytes");
  EXPECT_EQ(errorOf({{"__metadata__", DType::U8, {1}}}),
            path + ": found tensor name \"__metadata__\", wanted UTF-8 other "
                   "than \"__metadata__\"");
  EXPECT_EQ(errorOf({{"a", DType::U8, {INT64_MAX}}, {"b", DType::U8, {1}}}),
            path + ": found 2^63 bytes of tensors, wanted less");
  EXPECT_EQ(errorOf({{"a", DType::F32, {2}}}),
            path + ": tensor \"a\": found 0 bytes, wanted 8");
  EXPECT_TRUE(folder.entries().empty());
}

TEST_F(SafetensorsWriterTest, AFailureLeavesTheOldFile) {
  llvm::cantFail(write({{"a", DType::U8, {1}}}));
  std::string old = folder.read("w.safetensors");
  llvm::Expected<uint64_t> hash = writeSafetensors(
      path, kTensors, {}, [](size_t, llvm::raw_ostream &os) -> llvm::Error {
        os << "x";
        return llvm::createStringError("no data for this one");
      });
  EXPECT_EQ(llvm::toString(hash.takeError()), "no data for this one");
  EXPECT_EQ(folder.read("w.safetensors"), old);
  EXPECT_EQ(folder.entries().size(), 1u);
}

TEST_F(SafetensorsWriterTest, AFullDiskIsReported) {
  std::vector<uint8_t> bytes(1 << 20);
  EXPECT_EQ(llvm::toString(writeSafetensors("/dev/full",
                                            {{"a", DType::U8, {1 << 20}}}, {},
                                            {bytes})
                               .takeError()),
            "cannot write \"/dev/full\": No space left on device");
}

} // namespace
