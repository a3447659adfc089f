//===- SplitterTest.cpp ---------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/Splitter.h"

#include <chrono>
#include <gtest/gtest.h>

using namespace heed;

namespace {

using Words = std::vector<std::string>;

std::string faultOf(llvm::StringRef pattern, llvm::StringRef text) {
  llvm::Expected<Splitter> splitter = Splitter::create(pattern);
  if (!splitter)
    return llvm::toString(splitter.takeError());
  return llvm::toString(splitter->split(text, [](llvm::StringRef) {}));
}

Words split(llvm::StringRef pattern, llvm::StringRef text) {
  llvm::Expected<Splitter> splitter = Splitter::create(pattern);
  EXPECT_TRUE(bool(splitter)) << llvm::toString(splitter.takeError());
  Words words;
  llvm::Error error = splitter->split(
      text, [&](llvm::StringRef word) { words.push_back(word.str()); });
  EXPECT_EQ(llvm::toString(std::move(error)), "");
  return words;
}

TEST(Splitter, MatchesAndWhatIsBetween) {
  EXPECT_EQ(split("\\p{L}+", ""), Words());
  EXPECT_EQ(split("\\p{L}+", "abc"), Words{"abc"});
  EXPECT_EQ(split("\\p{L}+", "12"), Words{"12"});
  EXPECT_EQ(split("\\p{L}+", "1ab\u00e923\u4eba!"),
            (Words{"1", "ab\u00e9", "23", "\u4eba", "!"}));
}

TEST(Splitter, Gpt2) {
  EXPECT_EQ(split(kGpt2Pattern, "It's  12,\n\n x"),
            (Words{"It", "'s", " ", " 12", ",", "\n\n", " x"}));
  // VT and NEL are white space, which ICU's own \s has not.
  EXPECT_EQ(split(kGpt2Pattern, "a\v\u0085\v"), (Words{"a", "\v\u0085\v"}));
}

TEST(Splitter, PatternsThatAreNone) {
  EXPECT_EQ(faultOf("(a", ""),
            "found U_REGEX_MISMATCHED_PAREN, wanted a regular expression");
  EXPECT_EQ(faultOf("*", ""),
            "found U_REGEX_RULE_SYNTAX, wanted a regular expression");
  EXPECT_EQ(faultOf("\\w", ""),
            "found \"\\w\" at byte 1, wanted \\s, \\S, \\p, \\P, \\r, \\n, "
            "\\t, \\f or an escaped sign");
}

TEST(Splitter, MatchesTakeSomething) {
  EXPECT_EQ(faultOf("b*", "baa"),
            "found a match of nothing at byte 1 of the text, wanted a pattern "
            "that takes something");
}

/// Exponential time, and memory that grows with the text.
TEST(Splitter, WorkIsLimited) {
  auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(faultOf("(?:a+)+b", std::string(100, 'a')),
            "found a text of 100 bytes on which the pattern takes too long, "
            "wanted one that it can split");
  EXPECT_EQ(faultOf("(?:a|b)+c", std::string(10000000, 'a')),
            "found a text of 10000000 bytes on which the pattern takes too "
            "much memory, wanted one that it can split");
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(20));
}

/// A long text needs many steps, but few for each byte.
TEST(Splitter, LongTextsAreFine) {
  for (const char *part : {"ab 12 !? \n", " ", "a", "'", "\u4eba"}) {
    std::string text;
    while (text.size() < 2000000)
      text += part;
    EXPECT_EQ(faultOf(kGpt2Pattern, text), "");
  }
}

} // namespace
