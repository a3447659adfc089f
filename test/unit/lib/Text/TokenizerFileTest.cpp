//===- TokenizerFileTest.cpp ----------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Text/Tokenizer.h"
#include "test/unit/lib/Text/TokenizerText.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

using Ids = std::vector<int32_t>;

Ids encode(const TokenizerText &file, llvm::StringRef text,
           bool addSpecial = false) {
  auto tokenizer = parseTokenizer(file.write(), "t", 400);
  if (!tokenizer) {
    ADD_FAILURE() << llvm::toString(tokenizer.takeError());
    return {};
  }
  llvm::Expected<Ids> ids = (*tokenizer)->encode(text, addSpecial);
  if (ids)
    return *ids;
  ADD_FAILURE() << llvm::toString(ids.takeError());
  return {};
}

TEST(TokenizerFile, SplitsByGpt2OrByItsOwnPattern) {
  TokenizerText text;
  text.pieces = R"("!x": 256)";
  text.merges = R"(["! x"])";
  EXPECT_EQ(encode(text, "!x"), (Ids{'!', 'x'}));
  text.preTokenizer = R"({"type": "Sequence", "pretokenizers": [
    {"type": "Split", "pattern": {"Regex": "[^\\s]+"}, "behavior": "Isolated",
     "invert": false},
    {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true,
     "use_regex": false}]})";
  EXPECT_EQ(encode(text, "!x"), Ids{256});
}

TEST(TokenizerFile, AddedTokensAreFoundInTheText) {
  TokenizerText text;
  text.added = "[" + TokenizerText::token("<s>", 258) + "," +
               TokenizerText::token("the<", 259) + "]";
  EXPECT_EQ(encode(text, "the<s>the"), (Ids{259, 's', '>', 257}));
  EXPECT_EQ(encode(text, "<s> the"), (Ids{258, ' ', 257}));
}

/// A token is found before normalization, or after it.
TEST(TokenizerFile, NormalizedTokens) {
  const std::string decomposed = "e\u0301", composed = "\u00e9";
  for (bool isNormalized : {false, true}) {
    TokenizerText text;
    text.normalizer = R"({"type": "NFC"})";
    text.added = "[" +
                 TokenizerText::token(
                     decomposed, 258,
                     std::string("\"special\": false, \"normalized\": ") +
                         (isNormalized ? "true" : "false")) +
                 "]";
    Ids bytes = {0xc3, 0xa9};
    EXPECT_EQ(encode(text, decomposed), Ids{258});
    EXPECT_EQ(encode(text, composed), isNormalized ? Ids{258} : bytes);
    text.added = "[]";
    EXPECT_EQ(encode(text, decomposed), bytes);
  }
}

TEST(TokenizerFile, SpecialTokensHaveNoBytes) {
  TokenizerText text;
  text.added = "[" + TokenizerText::token("<s>", 258) + "," +
               TokenizerText::token(
                   "<t>", 259, R"("normalized": false, "special": false)") +
               "]";
  auto tokenizer = llvm::cantFail(parseTokenizer(text.write(), "t", 400));
  EXPECT_EQ(tokenizer->getBytes(258), "");
  EXPECT_EQ(tokenizer->getBytes(259), "<t>");
}

TEST(TokenizerFile, TemplatesStandAroundTexts) {
  const std::string before = R"({"SpecialToken": {"id": "S", "type_id": 0}})",
                    text = R"({"Sequence": {"id": "A", "type_id": 0}})",
                    after = R"({"SpecialToken": {"id": "E", "type_id": 0}})";
  auto process = [](const std::string &items) {
    return R"({"type": "TemplateProcessing", "single": [)" + items +
           R"(], "pair": [], "special_tokens": {
             "S": {"id": "S", "ids": [300, 301], "tokens": ["S", "T"]},
             "E": {"id": "E", "ids": [302], "tokens": ["E"]}}})";
  };
  TokenizerText file;
  file.postProcessor = process(before + "," + text + "," + after);
  EXPECT_EQ(encode(file, "the", true), (Ids{300, 301, 257, 302}));
  EXPECT_EQ(encode(file, "", true), (Ids{300, 301, 302}));
  EXPECT_EQ(encode(file, "the", false), Ids{257});
  file.postProcessor = process(text);
  EXPECT_EQ(encode(file, "the", true), Ids{257});
  file.postProcessor =
      R"({"type": "Sequence", "processors": [{"type": "ByteLevel",
          "add_prefix_space": true, "trim_offsets": false}, )" +
      process(text + "," + after) + "]}";
  EXPECT_EQ(encode(file, "the", true), (Ids{257, 302}));
}

} // namespace
