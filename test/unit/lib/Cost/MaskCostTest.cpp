//===- MaskCostTest.cpp - Pairs that a mask lets through ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Cost/MaskCost.h"

#include "gtest/gtest.h"

#include <random>

namespace heed {
namespace {

TEST(MaskCostTest, CountsAsOnPaper) {
  AttentionMask mask;
  EXPECT_EQ(countVisiblePairs(mask, 0, {0, 8}, {0, 8}), 64);
  mask.causal = true;
  EXPECT_EQ(countVisiblePairs(mask, 0, {0, 8}, {0, 8}), 8 * 9 / 2);
  EXPECT_EQ(countVisiblePairs(mask, 0, {1000000, 1000001}, {0, 1000001}),
            1000001);
  int64_t window[] = {3};
  mask.window = window;
  EXPECT_EQ(countVisiblePairs(mask, 0, {0, 8}, {0, 8}), 1 + 2 + 6 * 3);
  EXPECT_EQ(countVisibleKeys(mask, 0, 1, {7, 8}, {0, 8}), 3);
  int64_t sinks[] = {2};
  mask.sinks = sinks;
  EXPECT_EQ(countVisibleKeys(mask, 0, 1, {7, 8}, {0, 8}), 5);
}

/// Any mask of two heads with small numbers.
struct AnyMask {
  int64_t window[2], sinks[2], prefix[2];
  AttentionMask mask;

  explicit AnyMask(std::mt19937 &random) {
    for (int head : {0, 1}) {
      window[head] = 1 + random() % 9;
      sinks[head] = random() % 5;
      prefix[head] = random() % 7;
    }
    mask.causal = random() % 5 != 0;
    if (mask.causal && random() % 2)
      mask.prefix = prefix;
    if (mask.causal && random() % 2)
      mask.window = window;
    if (!mask.window.empty() && random() % 2)
      mask.sinks = sinks;
  }
};

TEST(MaskCostTest, ClosedFormsEqualCounting) {
  std::mt19937 random(3);
  for (int trial = 0; trial < 20000; ++trial) {
    AnyMask any(random);
    PositionRange queries, keys;
    queries.begin = random() % 12;
    queries.end = queries.begin + random() % 9;
    keys.begin = random() % 12;
    keys.end = keys.begin + random() % 15;
    int64_t pairs[2] = {0, 0}, seen = 0;
    for (int64_t k = keys.begin; k < keys.end; ++k) {
      bool isSeen = false;
      for (int head : {0, 1})
        for (int64_t p = queries.begin; p < queries.end; ++p)
          if (any.mask.isVisible(head, p, k)) {
            ++pairs[head];
            isSeen = true;
          }
      seen += isSeen;
    }
    for (int head : {0, 1})
      ASSERT_EQ(countVisiblePairs(any.mask, head, queries, keys), pairs[head]);
    ASSERT_EQ(countVisibleKeys(any.mask, 0, 2, queries, keys), seen);
  }
}

} // namespace
} // namespace heed
