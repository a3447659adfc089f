//===- ByteTokenizerTest.cpp ----------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Text/Tokenizer.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

using Ids = std::vector<int32_t>;

TEST(ByteTokenizer, IdsAreBytes) {
  auto tokenizer = llvm::cantFail(createByteTokenizer(std::nullopt));
  EXPECT_EQ(tokenizer->getVocabulary(), 256);
  EXPECT_EQ(llvm::cantFail(tokenizer->encode("a\xff\u00e9\n", true)),
            (Ids{'a', 255, 0xc3, 0xa9, '\n'}));
  EXPECT_EQ(llvm::cantFail(tokenizer->encode("", true)), Ids());
  for (int byte = 0; byte != 256; ++byte) {
    std::string text(1, char(byte));
    EXPECT_EQ(llvm::cantFail(tokenizer->encode(text, false)), Ids{byte});
    EXPECT_EQ(tokenizer->getBytes(byte), text);
  }
  for (int32_t id : {-1, 256, INT32_MIN, INT32_MAX})
    EXPECT_EQ(tokenizer->getBytes(id), "");
}

TEST(ByteTokenizer, TheStartComesFirst) {
  auto tokenizer = llvm::cantFail(createByteTokenizer(0));
  EXPECT_EQ(llvm::cantFail(tokenizer->encode("ab", true)), (Ids{0, 'a', 'b'}));
  EXPECT_EQ(llvm::cantFail(tokenizer->encode("ab", false)), (Ids{'a', 'b'}));
}

TEST(ByteTokenizer, TheStartIsAByte) {
  EXPECT_TRUE(bool(createByteTokenizer(255)));
  for (int32_t id : {-1, 256}) {
    auto tokenizer = createByteTokenizer(id);
    ASSERT_FALSE(bool(tokenizer));
    EXPECT_EQ(llvm::toString(tokenizer.takeError()),
              "found the start id " + std::to_string(id) +
                  ", wanted a byte, from 0 to 255");
  }
}

} // namespace
