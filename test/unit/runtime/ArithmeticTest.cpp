//===- ArithmeticTest.cpp - Tests of runtime/Arithmetic -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Arithmetic.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

TEST(ArithmeticTest, RoundUp) {
  int64_t rounded;
  for (int64_t value : {0, 1, 63, 64, 65, 127, 128}) {
    ASSERT_TRUE(roundUp(value, 64, rounded));
    EXPECT_EQ(rounded, (value + 63) / 64 * 64);
  }
  EXPECT_FALSE(roundUp(INT64_MAX - 5, 64, rounded));
}

TEST(ArithmeticTest, Evaluate) {
  int64_t value;
  ASSERT_TRUE(evaluate({1, 10, 100, 1000}, {2, 3, 5}, value));
  EXPECT_EQ(value, 1 + 10 * 2 + 100 * 2 * 3 + 1000 * 2 * 5);
  EXPECT_FALSE(evaluate({INT64_MAX, 1, 0, 0}, {1, 1, 1}, value));
  EXPECT_FALSE(evaluate({0, 0, INT64_MAX, 0}, {2, 1, 1}, value));
  EXPECT_FALSE(
      evaluate({0, 0, 1, 0}, {int64_t(1) << 40, int64_t(1) << 40, 1}, value));
}

TEST(ArithmeticTest, ElementBytes) {
  EXPECT_EQ(elementBytes(HEED_F64), 8);
  EXPECT_EQ(elementBytes(HEED_F32), 4);
  EXPECT_EQ(elementBytes(HEED_I32), 4);
  EXPECT_EQ(elementBytes(HEED_BF16), 2);
  EXPECT_EQ(elementBytes(HEED_F16), 2);
  EXPECT_EQ(elementBytes(5), 0);
}

} // namespace
