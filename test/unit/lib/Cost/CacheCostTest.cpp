//===- CacheCostTest.cpp - Bytes of caches --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Cost/CacheCost.h"

#include "gtest/gtest.h"

namespace heed {
namespace {

using Rate = CacheFieldShape::Rate;

TEST(CacheCostTest, CountsEntriesByRate) {
  EXPECT_EQ(countCacheEntries({Rate::Token}, 1000), 1000);
  EXPECT_EQ(countCacheEntries({Rate::Ring, 0, 256, 4}, 1000), 260);
  EXPECT_EQ(countCacheEntries({Rate::Ring, 0, 256, 4}, 100), 100);
  EXPECT_EQ(countCacheEntries({Rate::Every, 0, 0, 0, 16}, 1000), 63);
  EXPECT_EQ(countCacheEntries({Rate::Sequence}, 1000), 1);
}

TEST(CacheCostTest, CountsBytesBeforeAndAfterDecode) {
  // Keys and values of 2 heads x 64 x bf16 in 3 slots of 1024 tokens.
  CacheFieldShape field{Rate::Token, 2 * 64 * 2};
  EXPECT_EQ(countCacheBytes({field, field}, 3, 1024, false),
            3 * 1024 * 2 * 256);
  CacheFieldShape prompt = field;
  prompt.untilDecode = true;
  EXPECT_EQ(countCacheBytes({field, prompt}, 3, 1024, false),
            3 * 1024 * 2 * 256);
  EXPECT_EQ(countCacheBytes({field, prompt}, 3, 1024, true), 3 * 1024 * 256);
}

} // namespace
} // namespace heed
