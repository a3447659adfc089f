//===- BenchTest.cpp - Tokens per second ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Bench.h"
#include "test/unit/tools/heed-run/ToySession.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

TEST(BenchTest, RunsTheRoundsThatItSays) {
  ToySession session(7, 32);
  llvm::Expected<BenchResult> result = bench(session, {2, 8, 3, 4});
  ASSERT_TRUE(bool(result)) << llvm::toString(result.takeError());
  EXPECT_EQ(session.prefilled, 2 * 8 * 5); // one round warms up
  EXPECT_EQ(session.decoded, 2 * 3 * 5);
  for (const Rate &rate : {result->prefill, result->decode}) {
    EXPECT_GT(rate.lowest, 0);
    EXPECT_LE(rate.lowest, rate.median);
    EXPECT_LE(rate.median, rate.highest);
  }
}

TEST(BenchTest, RefusesMoreTokensThanTheContext) {
  ToySession session(7, 32);
  llvm::Expected<BenchResult> result = bench(session, {1, 30, 3, 1});
  ASSERT_FALSE(bool(result));
  EXPECT_EQ(llvm::toString(result.takeError()),
            "found a benchmark of 30 and 3 tokens, wanted at most 32 together, "
            "the model's context");
  llvm::Expected<BenchResult> none = bench(session, {1, 0, 3, 1});
  EXPECT_FALSE(bool(none));
  llvm::consumeError(none.takeError());
}

} // namespace
