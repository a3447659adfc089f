//===- SafetensorsTest.cpp ------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Safetensors.h"
#include "heed-c/Hash.h"
#include "test/unit/lib/Support/TemporaryFolder.h"
#include "test/unit/lib/Weights/SafetensorsBytes.h"

#include "llvm/ADT/StringExtras.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

class SafetensorsTest : public ::testing::Test {
protected:
  llvm::Expected<SafetensorsFile> open(const std::string &content) {
    folder.write("w.safetensors", content);
    return SafetensorsFile::open(path);
  }

  TemporaryFolder folder;
  std::string path = folder.path("w.safetensors");
};

const std::string kTwoTensors =
    "{" + member("wq", "BF16", "[2, 3]", "[4, 16]") + "," +
    "\"__metadata__\":{\"format\":\"pt\",\"by\":\"hand\"}," +
    member("bias", "I16", "[2]", "[0, 4]") + "}";

TEST_F(SafetensorsTest, FindsTensorsAndTheirBytes) {
  llvm::Expected<SafetensorsFile> file =
      open(fileBytes(kTwoTensors, "abcdefghijklmnop"));
  ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
  SafetensorsFile moved = std::move(*file);
  const SafetensorsHeader &header = moved.header();
  ASSERT_EQ(header.tensors().size(), 2u);
  EXPECT_EQ(header.tensors()[0].name, "bias");
  const TensorEntry *wq = header.find("wq");
  ASSERT_TRUE(wq);
  EXPECT_EQ(wq->dtype, DType::BF16);
  EXPECT_EQ(wq->shape, (std::vector<int64_t>{2, 3}));
  EXPECT_EQ(wq->offset, 8 + kTwoTensors.size() + 4);
  EXPECT_EQ(wq->bytes, 12u);
  EXPECT_EQ(wq->elements(), 6);
  llvm::ArrayRef<uint8_t> bytes = *moved.data(*wq);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "efghijklmnop");
  bytes = *moved.data(*header.find("bias"));
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "abcd");
  EXPECT_FALSE(header.find("w"));
  EXPECT_FALSE(header.find("wqx"));
  ASSERT_EQ(header.metadata().size(), 2u);
  EXPECT_EQ(header.metadata()[0],
            std::make_pair(std::string("by"), std::string("hand")));
}

TEST_F(SafetensorsTest, AcceptsWhatTheFormatAllows) {
  std::string scalar = member("s", "F64", "[]", "[0,8]");
  std::string empty = member("e", "F32", "[0,4611686018427387904,8]", "[8,8]");
  for (const std::string &content :
       {fileBytes("{}"), fileBytes("{}     "),
        fileBytes("{\"__metadata__\":{}}"),
        fileBytes("{" + empty + "," + scalar + "}", "01234567"),
        fileBytes("{" + member("a", "BOOL", "[1]", "[0,1]") + "," +
                      member("b", "F64", "[1]", "[1,9]") + "}",
                  "012345678")}) {
    llvm::Expected<SafetensorsFile> file = open(content);
    EXPECT_TRUE(bool(file)) << content << llvm::toString(file.takeError());
  }
}

TEST_F(SafetensorsTest, EveryTypeIsRead) {
  for (const char *name :
       {"F64", "F32", "F16", "BF16", "I64", "I32", "I16", "I8", "U8", "BOOL"}) {
    uint64_t size = 3 * dtypeBytes(*parseDType(name));
    llvm::Expected<SafetensorsFile> file = open(fileBytes(
        "{" + member("t", name, "[3]", "[0," + std::to_string(size) + "]") +
            "}",
        std::string(size, 'x')));
    ASSERT_TRUE(bool(file)) << llvm::toString(file.takeError());
    EXPECT_EQ(dtypeName(file->header().tensors()[0].dtype), name);
  }
}

TEST_F(SafetensorsTest, AChangedHeaderIsNoticed) {
  std::string content = fileBytes(kTwoTensors, std::string(16, 'x'));
  uint64_t hash = llvm::cantFail(open(content)).header().hash();
  EXPECT_EQ(hash,
            heed_hash(HEED_HASH_START, content.data(), 8 + kTwoTensors.size()));
  EXPECT_TRUE(bool(SafetensorsFile::openUnchanged(path, hash)));
  std::string other = content;
  other[other.find("bias")] = 'B';
  folder.write("w.safetensors", other);
  std::string message =
      llvm::toString(SafetensorsFile::openUnchanged(path, hash).takeError());
  uint64_t now = llvm::cantFail(SafetensorsFile::open(path)).header().hash();
  EXPECT_EQ(message, path + ": found header hash 0x" +
                         llvm::utohexstr(now, true, 16) + ", wanted 0x" +
                         llvm::utohexstr(hash, true, 16) +
                         ": the file has changed");
}

/// Every byte of the header takes part, and no byte of the data.
TEST_F(SafetensorsTest, EachHeaderByteChangesTheHashOrIsRefused) {
  std::string content = fileBytes(kTwoTensors, std::string(16, 'x'));
  uint64_t hash =
      llvm::cantFail(SafetensorsHeader::parse(content, content.size(), "f"))
          .hash();
  for (size_t i = 0; i < content.size(); ++i) {
    std::string changed = content;
    changed[i] ^= 1;
    llvm::Expected<SafetensorsHeader> header =
        SafetensorsHeader::parse(changed, changed.size(), "f");
    if (i >= 8 + kTwoTensors.size()) {
      ASSERT_TRUE(bool(header));
      EXPECT_EQ(header->hash(), hash);
    } else if (header) {
      EXPECT_NE(header->hash(), hash) << i;
    } else {
      EXPECT_NE(llvm::toString(header.takeError()), "");
    }
  }
}

TEST_F(SafetensorsTest, CountsBytesWithoutOverflow) {
  EXPECT_EQ(countBytes(DType::F32, {2, 3}), 24u);
  EXPECT_EQ(countBytes(DType::F32, {}), 4u);
  EXPECT_EQ(countBytes(DType::F32, {INT64_MAX, 0, INT64_MAX}), 0u);
  EXPECT_EQ(countBytes(DType::U8, {INT64_MAX}), uint64_t(INT64_MAX));
  EXPECT_EQ(countBytes(DType::I16, {INT64_MAX}), std::nullopt);
  EXPECT_EQ(countBytes(DType::F64, {1LL << 32, 1LL << 32}), std::nullopt);
  EXPECT_EQ(countBytes(DType::F64, {2, -1}), std::nullopt);
}

} // namespace
