//===- TextStreamTest.cpp -------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Text/TextStream.h"

#include "llvm/Support/JSON.h"

#include <gtest/gtest.h>
#include <random>

using namespace heed;

namespace {

const std::string kBroken = "\ufffd";

/// Pushes `text` in pieces of `size` bytes.
std::string stream(llvm::StringRef text, size_t size) {
  TextStream stream;
  std::string result;
  for (size_t i = 0; i < text.size(); i += size)
    result += stream.push(text.substr(i, size));
  return result + stream.finish();
}

TEST(TextStream, HoldsBackWhatIsIncomplete) {
  TextStream stream;
  EXPECT_EQ(stream.push("a\xf0\x9f"), "a");
  EXPECT_EQ(stream.push(""), "");
  EXPECT_EQ(stream.push("\x98"), "");
  EXPECT_EQ(stream.push("\x80"
                        "b"),
            "\U0001f600b");
  EXPECT_EQ(stream.finish(), "");
  EXPECT_EQ(stream.push("\xc3"), "");
  EXPECT_EQ(stream.finish(), kBroken);
  EXPECT_EQ(stream.push("\xa9"), kBroken); // The text before has ended.
}

TEST(TextStream, ReplacesWhatCannotBecomeValid) {
  TextStream stream;
  EXPECT_EQ(stream.push("\xe4\xba"), "");
  EXPECT_EQ(stream.push("x"), kBroken + "x");
  EXPECT_EQ(stream.push("\xff"), kBroken);
}

/// Table 3-8 of the Unicode standard: how many U+FFFD there are.
TEST(TextStream, LongestBeginningsAreOne) {
  const std::pair<const char *, std::string> cases[] = {
      {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82\x41", kBroken + kBroken + kBroken +
                                                   kBroken + kBroken + kBroken +
                                                   kBroken + kBroken + "A"},
      {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf\x41", kBroken + kBroken + kBroken +
                                                   kBroken + kBroken + kBroken +
                                                   kBroken + kBroken + "A"},
      {"\xf4\x91\x92\x93\xff\x41\x80\xbf\x42", kBroken + kBroken + kBroken +
                                                   kBroken + kBroken + "A" +
                                                   kBroken + kBroken + "B"},
      {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41",
       kBroken + kBroken + kBroken + kBroken + "A"},
  };
  for (const auto &[text, wanted] : cases)
    for (size_t size : {1, 2, 3, 100})
      EXPECT_EQ(stream(text, size), wanted);
}

TEST(TextStream, ControlCharactersPass) {
  llvm::StringRef text("\0\x1b[2J\r\n\x7f\u0085", 10);
  EXPECT_EQ(stream(text, 1), text);
}

/// Valid text comes through in whatever pieces, and of other text something
/// valid that does not depend on the pieces.
TEST(TextStream, AnyPieces) {
  std::mt19937 random(1);
  const char *parts[] = {"a",    "\u00e9", "\u4eba",  "\U0001f600",
                         "\xe4", "\xba",   "\xf0\x9f"};
  for (int round = 0; round != 1000; ++round) {
    bool isValid = round % 2;
    std::string text;
    for (size_t i = random() % 20; i != 0; --i)
      text += parts[random() % (isValid ? 4 : 7)];
    std::string whole = stream(text, text.size() + 1);
    EXPECT_TRUE(llvm::json::isUTF8(whole));
    if (isValid)
      EXPECT_EQ(whole, text);
    for (size_t size = 1; size != 5; ++size)
      EXPECT_EQ(stream(text, size), whole);
  }
}

} // namespace
