//===- DivergenceTest.cpp - How far logits are from others ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Divergence.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace heed;

namespace {

TEST(DivergenceTest, LogSumExpDoesNotOverflow) {
  EXPECT_NEAR(getLogSumExp({1000, 1000}), 1000 + std::log(2.0), 1e-9);
  EXPECT_NEAR(getLogSumExp({0, -HUGE_VALF}), 0, 1e-12);
}

TEST(DivergenceTest, KlIsThatOfTheProbabilities) {
  // Baseline 1/2 1/4 1/4, model 1/4 1/2 1/4: KL = 1/2 log 2 - 1/4 log 2.
  const float half = std::log(2.0f);
  const float baseline[] = {2 * half, half, half};
  const float model[] = {half, 2 * half, half};
  Divergence divergence;
  divergence.add(model, baseline);
  EXPECT_NEAR(divergence.getKl(), std::log(2.0) / 4, 1e-6);
  EXPECT_EQ(divergence.getAgreement(), 0);
  EXPECT_FLOAT_EQ(divergence.getMaxError(), half);
  EXPECT_NEAR(divergence.getRelativeError(), std::sqrt(2.0 / 6), 1e-6);
  divergence.add(baseline, baseline);
  EXPECT_NEAR(divergence.getKl(), std::log(2.0) / 8, 1e-6);
  EXPECT_EQ(divergence.getAgreement(), 0.5);
  EXPECT_EQ(divergence.countRows(), 2);
}

TEST(DivergenceTest, AShiftOfAllLogitsIsNoDivergence) {
  const float baseline[] = {3, 1, -2}, shifted[] = {13, 11, 8};
  Divergence divergence;
  divergence.add(shifted, baseline);
  EXPECT_NEAR(divergence.getKl(), 0, 1e-12);
  EXPECT_EQ(divergence.getAgreement(), 1);
  EXPECT_EQ(divergence.getMaxError(), 10);
}

TEST(DivergenceTest, IdsThatTheBaselineExcludesCostNothing) {
  const float baseline[] = {0, -HUGE_VALF}, model[] = {0, 0};
  Divergence divergence;
  divergence.add(model, baseline);
  EXPECT_NEAR(divergence.getKl(), std::log(2.0), 1e-12);
}

} // namespace
