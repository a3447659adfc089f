//===- PatternTest.cpp ----------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/Pattern.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

std::string translate(llvm::StringRef pattern) {
  llvm::Expected<std::string> result = translatePattern(pattern);
  return result ? *result : llvm::toString(result.takeError());
}

TEST(Pattern, WhiteSpaceIsThatOfUnicode) {
  EXPECT_EQ(translate("\\s+(?!\\S)"), "\\p{White_Space}+(?!\\P{White_Space})");
  EXPECT_EQ(translate("[^\\s\\p{L}\\P{Nd}]"),
            "[^\\p{White_Space}\\p{L}\\P{Nd}]");
  EXPECT_EQ(translate("\\\\s"), "\\\\s"); // A backslash and an s.
}

TEST(Pattern, TheRestStays) {
  for (const char *pattern :
       {"", "'s|'t", " ?\\p{L}+", "(?i:a|b)(c)(?:d)(?=e)", "\\p{N}{1,3}",
        "a{2}b{3,}", "[\\r\\n\\t\\f]*", "\\[\\-\\.", "[a-z]", "a*?b+?c??d++",
        "\u4e00[\u4e00-\u9fff]", "[\\]a]", "x}y]"})
    EXPECT_EQ(translate(pattern), pattern);
  EXPECT_EQ(translate("[a.&-]"), "[a\\.\\&\\-]");
}

/// What means different things, or what we do not know to mean the same.
TEST(Pattern, OtherThingsAreRefused) {
  const std::pair<const char *, const char *> cases[] = {
      {"a\\w", "found \"\\w\" at byte 2, wanted \\s, \\S, \\p, \\P, \\r, \\n, "
               "\\t, \\f or an escaped sign"},
      {"\\", "found \"\\\" at byte 1, wanted \\s, \\S, "},
      {"[\\h]", "found \"\\h\" at byte 2"},
      {"\\d", "found \"\\d\" at byte 1"},
      {"\\v", "found \"\\v\" at byte 1"},
      {"^a", "found \"^\" at byte 1, wanted none: "},
      {"a$", "found \"$\" at byte 2, wanted none: "},
      {"a.", "found \".\" at byte 2, wanted none: "},
      {"\\p{Greek}", "found \"\\p{Greek\" at byte 1, wanted \\p or \\P with a "
                     "general category, such as {L} or {Lu}"},
      {"\\pL", "found \"\\pL\" at byte 1"},
      {"\\p{^L}", "found \"\\p{^L}\" at byte 1"},
      {"\\p{L", "found \"\\p{L\" at byte 1"},
      {"\\p{}", "found \"\\p{}\" at byte 1"},
      {"(?<a>b)", "found \"(?<a\" at byte 1, wanted (, (?:, (?i:, (?= or (?!"},
      {"(?i)a", "found \"(?i)\" at byte 1"},
      {"a{1,3}+", "found \"{1,3}+\" at byte 2, wanted nothing after the "
                  "repetition"},
      {"a{,3}", "found \"{,3}\" at byte 2, wanted a repetition such as {1,3}"},
      {"a{x}", "found \"{x}\" at byte 2"},
      {"a{99999}", "found \"{99999}\" at byte 2"},
      {"a{1", "found \"{1\" at byte 2"},
      {"[a[b]]", "found \"[\" at byte 3, wanted a set without operations"},
      {"[a&&b]", "found \"&&\" at byte 3"},
      {"[a--b]", "found \"-\" at byte 4, wanted a range with an end"},
      {"[--a]", "found \"--\" at byte 2"},
      {"[]a]", "found \"]\" at byte 2, wanted a set with members"},
      {"[^]", "found \"]\" at byte 3, wanted a set with members"},
      {"[\\s-a]", "found \"-\" at byte 4, wanted no range that begins with"},
      {"[a-\\p{L}]", "found \"-\" at byte 9, wanted no range that ends with"},
      {"[a", "found \"\" at byte 3, wanted \"]\""},
      {"[a-", "found \"-\" at byte 4, wanted a range with an end"},
      {"[a\\", "found \"\\\" at byte 3"},
  };
  for (auto [pattern, message] : cases)
    EXPECT_TRUE(llvm::StringRef(translate(pattern)).starts_with(message))
        << pattern << ": " << translate(pattern);
}

} // namespace
