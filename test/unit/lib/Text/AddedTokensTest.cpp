//===- AddedTokensTest.cpp ------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/AddedTokens.h"

#include "heed/Support/Error.h"

#include <gtest/gtest.h>
#include <random>

using namespace heed;

namespace {

/// Writes ids in angle brackets between the text.
std::string split(const AddedTokens &tokens, llvm::StringRef text) {
  std::string result;
  llvm::Error error = tokens.split(
      text, [&](int32_t id) { result += "<" + std::to_string(id) + ">"; },
      [&](llvm::StringRef gap) {
        EXPECT_FALSE(gap.empty());
        result += gap;
        return llvm::Error::success();
      });
  EXPECT_FALSE(bool(error));
  return result;
}

TEST(AddedTokens, TheLongestFromTheLeft) {
  AddedTokens tokens;
  EXPECT_TRUE(tokens.add("ab", 1));
  EXPECT_TRUE(tokens.add("abcd", 2));
  EXPECT_TRUE(tokens.add("bcde", 3));
  EXPECT_TRUE(tokens.add("\u00e9", 4));
  EXPECT_FALSE(tokens.add("abcd", 5));
  EXPECT_EQ(split(tokens, ""), "");
  EXPECT_EQ(split(tokens, "x"), "x");
  EXPECT_EQ(split(tokens, "ab"), "<1>");
  EXPECT_EQ(split(tokens, "abcde"), "<2>e");
  EXPECT_EQ(split(tokens, "abcbcde"), "<1>c<3>");
  EXPECT_EQ(split(tokens, "aabcdab\u00e9\u00e8"), "a<2><1><4>\u00e8");
}

/// Compares with looking for each token at each place.
TEST(AddedTokens, LikeLookingEverywhere) {
  std::mt19937 random(1);
  auto word = [&](size_t most) {
    std::string text;
    for (size_t i = 1 + random() % most; i != 0; --i)
      text += "abc\xff"[random() % 4];
    return text;
  };
  for (int round = 0; round != 500; ++round) {
    AddedTokens tokens;
    std::vector<std::string> all;
    for (int i = 0; i != 6; ++i) {
      std::string token = word(4);
      if (tokens.add(token, int32_t(all.size())))
        all.push_back(token);
    }
    std::string text = word(30), wanted;
    for (size_t at = 0; at != text.size();) {
      int best = -1;
      for (size_t i = 0; i != all.size(); ++i)
        if (text.compare(at, all[i].size(), all[i]) == 0 &&
            (best < 0 || all[i].size() > all[best].size()))
          best = int(i);
      wanted += best < 0 ? std::string(1, text[at])
                         : "<" + std::to_string(best) + ">";
      at += best < 0 ? 1 : all[best].size();
    }
    EXPECT_EQ(split(tokens, text), wanted) << text;
  }
}

TEST(AddedTokens, EndsAtTheFirstError) {
  AddedTokens tokens;
  tokens.add("|", 1);
  unsigned gaps = 0, found = 0;
  llvm::Error error = tokens.split(
      "a|b|c", [&](int32_t) { ++found; },
      [&](llvm::StringRef gap) {
        ++gaps;
        return gap == "b" ? makeError("no b") : llvm::Error::success();
      });
  EXPECT_EQ(llvm::toString(std::move(error)), "no b");
  EXPECT_EQ(gaps, 2u);
  EXPECT_EQ(found, 1u);
}

} // namespace
