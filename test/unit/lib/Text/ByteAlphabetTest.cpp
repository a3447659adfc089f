//===- ByteAlphabetTest.cpp -----------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/ByteAlphabet.h"

#include <gtest/gtest.h>
#include <set>

using namespace heed;

namespace {

TEST(ByteAlphabet, KnownSpellings) {
  ByteAlphabet alphabet;
  EXPECT_EQ(alphabet.spell(" the"), "\u0120the");
  EXPECT_EQ(alphabet.spell("\n\t"), "\u010a\u0109");
  EXPECT_EQ(alphabet.spell("\u00e9"), "\u00c3\u00a9");
  EXPECT_EQ(alphabet.spell(llvm::StringRef("\0", 1)), "\u0100");
  EXPECT_EQ(alphabet.spell("\x7f"), "\u0121");
  EXPECT_EQ(alphabet.spell("\xa0"), "\u0142");
  EXPECT_EQ(alphabet.spell("\xad"), "\u0143"); // The last of the others.
}

TEST(ByteAlphabet, EachByteHasItsCharacter) {
  ByteAlphabet alphabet;
  std::set<std::string> characters;
  for (int byte = 0; byte != 256; ++byte) {
    std::string text(1, char(byte)), spelled = alphabet.spell(text);
    EXPECT_TRUE(characters.insert(spelled).second);
    EXPECT_EQ(alphabet.read(spelled), text);
  }
}

TEST(ByteAlphabet, OtherCharactersAreNone) {
  ByteAlphabet alphabet;
  for (const char *text : {" ", "a b", "\n", "\u00a0", "\u00ad", "\u0144",
                           "\u017f", "\u0800", "\U00010000", "\x80", "\xc3"})
    EXPECT_EQ(alphabet.read(text), std::nullopt) << text;
  EXPECT_EQ(alphabet.read(""), "");
}

} // namespace
