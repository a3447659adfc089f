//===- StatusTest.cpp - Tests of runtime/Status ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Status.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

TEST(StatusTest, SuccessIsFalse) {
  Status status;
  EXPECT_FALSE(status);
  EXPECT_EQ(status.code(), HEED_OK);
  EXPECT_EQ(status.message(), "");
}

TEST(StatusTest, FailureKeepsCodeAndText) {
  std::string text(5000, 'x');
  Status status = makeError(HEED_CACHE_FULL, "%s %d", text.c_str(), 7);
  EXPECT_TRUE(status);
  EXPECT_EQ(status.code(), HEED_CACHE_FULL);
  EXPECT_EQ(status.message(), text + " 7");
}

TEST(StatusTest, FormatText) {
  EXPECT_EQ(formatText("%s", ""), "");
  EXPECT_EQ(formatText("%d of %d", 1, 2), "1 of 2");
}

} // namespace
