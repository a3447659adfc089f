//===- SlotTableTest.cpp - Tests of runtime/cache/SlotTable ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/SlotTable.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

TEST(SlotTableTest, CountsByPhase) {
  SlotTable table;
  ASSERT_FALSE(table.create(2, 10));
  EXPECT_EQ(table.slots(), 2);
  EXPECT_EQ(table.lastPosition(1), -1);
  for (int32_t position : {0, 5, 6})
    table.append(1, position, Phase::Prefill);
  EXPECT_FALSE(table.decoded(1));
  table.append(1, INT32_MAX, Phase::Decode);
  table.append(1, 9, Phase::Prefill);
  EXPECT_TRUE(table.decoded(1));
  EXPECT_EQ(table.tokens(1), 5);
  EXPECT_EQ(table.lastPosition(1), 9);
  EXPECT_EQ(table.count(1, 5, {true, true}), 5);
  EXPECT_EQ(table.count(1, 5, {true, false}), 4);
  EXPECT_EQ(table.count(1, 5, {false, true}), 1);
  EXPECT_EQ(table.count(1, 3, {false, true}), 0);
  EXPECT_EQ(table.count(1, 5, {false, false}), 0);
  EXPECT_EQ(table.tokens(0), 0);
}

TEST(SlotTableTest, TrimCopyReset) {
  SlotTable table;
  ASSERT_FALSE(table.create(2, 4));
  for (int32_t position = 0; position != 4; ++position)
    table.append(0, position * 3,
                 position < 2 ? Phase::Prefill : Phase::Decode);
  table.copy(0, 1);
  table.trim(0, 3);
  EXPECT_EQ(table.lastPosition(0), 6);
  EXPECT_TRUE(table.decoded(0));
  EXPECT_EQ(table.tokens(1), 4);
  EXPECT_EQ(table.lastPosition(1), 9);
  EXPECT_EQ(table.count(1, 4, {false, true}), 2);
  table.reset(1);
  EXPECT_EQ(table.tokens(1), 0);
  EXPECT_FALSE(table.decoded(1));
  EXPECT_EQ(table.tokens(0), 3);
}

TEST(SlotTableTest, TooManyTokens) {
  SlotTable table;
  EXPECT_EQ(table.create(INT32_MAX, INT32_MAX).code(), HEED_OUT_OF_MEMORY);
  EXPECT_EQ(table.create(INT64_MAX, 2).code(), HEED_OUT_OF_MEMORY);
}

} // namespace
