//===- NfcTest.cpp --------------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/Nfc.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

/// From Unicode Standard Annex 15, figures 3 to 6.
TEST(Nfc, ExamplesOfTheStandard) {
  const std::pair<const char *, const char *> examples[] = {
      {"", ""},
      {"plain \t\r\n", "plain \t\r\n"},
      {"\u212b", "\u00c5"},
      {"\u2126", "\u03a9"},
      {"A\u030a", "\u00c5"},
      {"o\u0302", "\u00f4"},
      {"s\u0323\u0307", "\u1e69"},
      {"s\u0307\u0323", "\u1e69"},
      {"\u1e0b\u0323", "\u1e0d\u0307"},
      {"q\u0307\u0323", "q\u0323\u0307"},
      {"\ufb01 2\u2075", "\ufb01 2\u2075"},
      {"\u1112\u1161\u11ab", "\ud55c"},
  };
  for (auto [text, composed] : examples) {
    llvm::Expected<std::string> found = composeNfc(text);
    ASSERT_TRUE(bool(found)) << llvm::toString(found.takeError());
    EXPECT_EQ(*found, composed);
  }
}

TEST(Nfc, KeepsZeros) {
  llvm::StringRef text("a\0e\u0301", 5);
  EXPECT_EQ(*composeNfc(text), std::string("a\0\u00e9", 4));
}

} // namespace
