//===- ErrorTest.cpp ------------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Error.h"

#include "llvm/Support/JSON.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

TEST(Error, IsOneLine) {
  EXPECT_EQ(llvm::toString(makeError("a\nb\t\x1b[31m\x7f 100% %s")),
            "a\\x0Ab\\x09\\x1B[31m\\x7F 100% %s");
}

TEST(Error, EndsInTheWordsOfTheSystem) {
  std::error_code full = std::make_error_code(std::errc::no_space_on_device);
  EXPECT_EQ(llvm::toString(makeError("cannot write x", full)),
            "cannot write x: No space left on device");
}

TEST(Error, QuoteKeepsShortTextWhole) {
  EXPECT_EQ(quote(""), "\"\"");
  EXPECT_EQ(quote("q_proj"), "\"q_proj\"");
  EXPECT_EQ(quote(llvm::StringRef("a\0b", 3)), "\"a\\x00b\"");
}

TEST(Error, QuoteCutsTheMiddleBetweenCharacters) {
  for (size_t shift = 0; shift < 5; ++shift) {
    std::string text(shift, 'x');
    for (int i = 0; i < 500; ++i)
      text += "\u00e9\u20ac\U0001f600";
    std::string quoted = quote(text);
    EXPECT_LE(quoted.size(), 125u);
    EXPECT_NE(quoted.find("..."), std::string::npos);
    EXPECT_TRUE(llvm::json::isUTF8(quoted)) << quoted;
  }
}

} // namespace
