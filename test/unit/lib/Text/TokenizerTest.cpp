//===- TokenizerTest.cpp --------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What the original implementation makes of texts and ids, from
// tools/scripts/make-tokenizer-goldens.py, must come out here.
//
//===----------------------------------------------------------------------===//

#include "heed/Text/Tokenizer.h"
#include "heed/Support/Json.h"
#include "heed/Text/TextStream.h"
#include "test/unit/lib/Text/TokenizerText.h"

#include <chrono>
#include <gtest/gtest.h>

using namespace heed;

namespace {

using Ids = std::vector<int32_t>;

std::string pathOf(const std::string &name, const char *file) {
  return HEED_TEST_MODELS "/tokenizers/" + name + "/" + file;
}

Ids encode(const Tokenizer &tokenizer, llvm::StringRef text, bool addSpecial) {
  llvm::Expected<Ids> ids = tokenizer.encode(text, addSpecial);
  if (ids)
    return *ids;
  ADD_FAILURE() << text.str() << ": " << llvm::toString(ids.takeError());
  return {};
}

std::string decode(const Tokenizer &tokenizer, const Ids &ids) {
  TextStream stream;
  std::string text;
  for (int32_t id : ids)
    text += stream.push(tokenizer.getBytes(id));
  return text + stream.finish();
}

Ids readIds(JsonObject &golden, llvm::StringRef key) {
  std::vector<int64_t> ids;
  EXPECT_TRUE(golden.read(key, ids));
  return Ids(ids.begin(), ids.end());
}

class TokenizerGoldens : public testing::TestWithParam<const char *> {
protected:
  /// A model with more ids than the tokenizer, as many have.
  static constexpr int64_t kVocabulary = 640;

  void SetUp() override {
    auto opened =
        openTokenizer(pathOf(GetParam(), "tokenizer.json"), kVocabulary);
    ASSERT_TRUE(bool(opened)) << llvm::toString(opened.takeError());
    tokenizer = std::move(*opened);
    auto goldens = JsonDocument::open(pathOf(GetParam(), "goldens.json"));
    ASSERT_TRUE(bool(goldens)) << llvm::toString(goldens.takeError());
    document = std::make_unique<JsonDocument>(std::move(*goldens));
    JsonObject root(document->root());
    ASSERT_TRUE(root.read("texts", texts) && root.read("decoded", decoded));
    ASSERT_GE(texts.size(), 300u);
    ASSERT_GE(decoded.size(), 100u);
  }

  std::unique_ptr<Tokenizer> tokenizer;
  std::unique_ptr<JsonDocument> document;
  std::vector<JsonObject> texts, decoded;
};

TEST_P(TokenizerGoldens, Ids) {
  for (JsonObject &golden : texts) {
    std::string text;
    ASSERT_TRUE(golden.read("text", text));
    EXPECT_EQ(encode(*tokenizer, text, false), readIds(golden, "ids")) << text;
    EXPECT_EQ(encode(*tokenizer, text, true), readIds(golden, "with_special"))
        << text;
  }
}

TEST_P(TokenizerGoldens, Texts) {
  for (JsonObject &golden : decoded) {
    std::string text;
    ASSERT_TRUE(golden.read("text", text));
    EXPECT_EQ(decode(*tokenizer, readIds(golden, "ids")), text);
  }
}

/// Without a normalizer and special tokens, nothing of a text is lost.
TEST_P(TokenizerGoldens, ThereAndBack) {
  unsigned count = 0;
  for (JsonObject &golden : texts) {
    std::string text;
    ASSERT_TRUE(golden.read("text", text));
    Ids ids = encode(*tokenizer, text, false);
    bool isSpecial = llvm::any_of(
        ids, [&](int32_t id) { return tokenizer->getBytes(id).empty(); });
    if (isSpecial || GetParam() == std::string("qwen2"))
      continue;
    EXPECT_EQ(decode(*tokenizer, ids), text);
    ++count;
  }
  EXPECT_TRUE(count > 200 || GetParam() == std::string("qwen2")) << count;
}

INSTANTIATE_TEST_SUITE_P(Models, TokenizerGoldens,
                         testing::Values("llama3", "qwen2", "gpt2"),
                         [](auto &info) { return std::string(info.param); });

TEST(Tokenizer, IdsOutOfTheFileMeanNothing) {
  auto tokenizer = parseTokenizer(TokenizerText().write(), "t", 400);
  ASSERT_TRUE(bool(tokenizer)) << llvm::toString(tokenizer.takeError());
  EXPECT_EQ((*tokenizer)->getVocabulary(), 400);
  for (int32_t id : {-1, INT32_MIN, 399, 400, INT32_MAX})
    EXPECT_EQ((*tokenizer)->getBytes(id), "");
  EXPECT_EQ((*tokenizer)->getBytes(int32_t('a')), "a");
}

TEST(Tokenizer, InvalidTextIsRefused) {
  auto tokenizer = parseTokenizer(TokenizerText().write(), "t", 400);
  ASSERT_TRUE(bool(tokenizer)) << llvm::toString(tokenizer.takeError());
  for (llvm::StringRef bad : {"\xff", "\x80", "\xc3", "\xed\xa0\x80",
                              "\xc0\x80", "\xf4\x90\x80\x80"}) {
    llvm::Expected<Ids> ids = (*tokenizer)->encode(("ab" + bad).str(), false);
    ASSERT_FALSE(bool(ids));
    EXPECT_EQ(llvm::toString(ids.takeError()),
              "found invalid UTF-8 at byte 2 of the text, wanted UTF-8");
  }
}

/// One word of 100 kB, and as much white space, in far less than a second; the
/// bound is loose because machines differ.
TEST(Tokenizer, LongWordsAreFast) {
  auto tokenizer = openTokenizer(pathOf("llama3", "tokenizer.json"), 640);
  ASSERT_TRUE(bool(tokenizer)) << llvm::toString(tokenizer.takeError());
  auto begin = std::chrono::steady_clock::now();
  for (const char *part : {"the", "a", " ", "\n ", "\u00e9", "\u4eba", "!"}) {
    std::string text;
    while (text.size() < 100000)
      text += part;
    EXPECT_EQ(decode(**tokenizer, encode(**tokenizer, text, false)), text);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
}

} // namespace
