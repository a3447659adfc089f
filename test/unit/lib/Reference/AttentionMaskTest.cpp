//===- AttentionMaskTest.cpp - Which keys a query sees --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/AttentionMask.h"

#include "gtest/gtest.h"

namespace heed {
namespace {

/// Prints what a query at `p` sees of keys 0 to 9: "..xxx.....".
std::string row(const AttentionMask &mask, int64_t p, int64_t head = 0) {
  std::string text;
  for (int64_t k = 0; k < 10; ++k)
    text += mask.isVisible(head, p, k) ? 'x' : '.';
  return text;
}

TEST(AttentionMaskTest, EachTermHidesWhatItSays) {
  int64_t window[] = {3}, sinks[] = {2}, prefix[] = {6};
  AttentionMask mask;
  EXPECT_EQ(row(mask, 4), "xxxxxxxxxx");
  mask.causal = true;
  EXPECT_EQ(row(mask, 4), "xxxxx.....");
  mask.window = window;
  EXPECT_EQ(row(mask, 4), "..xxx.....");
  EXPECT_EQ(row(mask, 0), "x.........");
  mask.sinks = sinks;
  EXPECT_EQ(row(mask, 8), "xx....xxx.");
  EXPECT_EQ(row(mask, 0), "x.........");
  mask.prefix = prefix;
  EXPECT_EQ(row(mask, 9), "xxxxxx.xxx");
  EXPECT_EQ(row(mask, 1), "xxxxxx....");
}

TEST(AttentionMaskTest, PaddingSeesNothingAndIsNotSeen) {
  int64_t prefix[] = {6};
  AttentionMask mask;
  mask.causal = true;
  mask.prefix = prefix;
  EXPECT_EQ(row(mask, -1), "..........");
  EXPECT_FALSE(mask.isVisible(0, 3, -1));
}

TEST(AttentionMaskTest, HeadsDiffer) {
  int64_t window[] = {1, 4};
  AttentionMask mask;
  EXPECT_FALSE(mask.widestWindow());
  mask.causal = true;
  mask.window = window;
  EXPECT_EQ(row(mask, 5, 0), ".....x....");
  EXPECT_EQ(row(mask, 5, 1), "..xxxx....");
  EXPECT_EQ(*mask.widestWindow(), 4);
}

} // namespace
} // namespace heed
