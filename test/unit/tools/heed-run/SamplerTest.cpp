//===- SamplerTest.cpp - Choosing the next token --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Sampler.h"

#include "gtest/gtest.h"

#include <cmath>
#include <map>

using namespace heed;

namespace {

int32_t choose(Sampler &sampler, llvm::ArrayRef<float> logits) {
  llvm::Expected<int32_t> id = sampler.choose(logits);
  if (id)
    return *id;
  ADD_FAILURE() << llvm::toString(id.takeError());
  return -1;
}

/// Returns how often each id comes in `count` draws.
std::map<int32_t, double> draw(SamplerOptions options,
                               llvm::ArrayRef<float> logits, int count) {
  Sampler sampler(options, 0);
  std::map<int32_t, double> shares;
  for (int i = 0; i < count; ++i)
    shares[choose(sampler, logits)] += 1.0 / count;
  return shares;
}

TEST(SamplerTest, WithoutTemperatureTheFirstOfTheLikeliestWins) {
  Sampler sampler({}, 0);
  EXPECT_EQ(choose(sampler, {1, 3, -2, 3}), 1);
  EXPECT_EQ(choose(sampler, {-HUGE_VALF, -5}), 1);
}

TEST(SamplerTest, SharesAreThoseOfTheSoftmax) {
  const float logits[] = {0, 1, 2, -HUGE_VALF};
  for (double temperature : {0.5, 1.0, 2.0}) {
    std::map<int32_t, double> shares = draw({temperature, 1, 7}, logits, 40000);
    double sum = 0;
    for (int i = 0; i < 3; ++i)
      sum += std::exp(i / temperature);
    for (int i = 0; i < 3; ++i) // six standard deviations
      EXPECT_NEAR(shares[i], std::exp(i / temperature) / sum, 0.015)
          << "id " << i << " at temperature " << temperature;
    EXPECT_EQ(shares.count(3), 0u);
  }
}

TEST(SamplerTest, TopPKeepsTheFewestThatSuffice) {
  // Probabilities 1/2, 1/4, 1/8, 1/8.
  const float half = std::log(2.0f);
  const float logits[] = {-2 * half, -half, -3 * half, -3 * half};
  auto kept = [&](double topP) {
    std::vector<int32_t> ids;
    for (auto [id, share] : draw({1, topP, 3}, logits, 2000))
      ids.push_back(id);
    return ids;
  };
  EXPECT_EQ(kept(0.01), (std::vector<int32_t>{1}));
  EXPECT_EQ(kept(0.49), (std::vector<int32_t>{1}));
  EXPECT_EQ(kept(0.70), (std::vector<int32_t>{0, 1}));
  EXPECT_EQ(kept(0.80), (std::vector<int32_t>{0, 1, 2}));
  EXPECT_EQ(kept(1.0), (std::vector<int32_t>{0, 1, 2, 3}));
}

TEST(SamplerTest, SeedAndSequenceDecide) {
  const std::vector<float> logits(100, 0.0f);
  auto path = [&](uint64_t seed, uint64_t sequence) {
    Sampler sampler({1, 1, seed}, sequence);
    std::vector<int32_t> ids;
    for (int i = 0; i < 20; ++i)
      ids.push_back(choose(sampler, logits));
    return ids;
  };
  EXPECT_EQ(path(1, 0), path(1, 0));
  EXPECT_NE(path(1, 0), path(2, 0));
  EXPECT_NE(path(1, 0), path(1, 1));
  EXPECT_NE(path(uint64_t(1) << 32, 0), path(0, 0));
}

TEST(SamplerTest, RefusesWhatIsNoNumber) {
  Sampler sampler({}, 0);
  auto refuse = [&](llvm::ArrayRef<float> logits, llvm::StringRef text) {
    llvm::Expected<int32_t> id = sampler.choose(logits);
    ASSERT_FALSE(bool(id));
    EXPECT_TRUE(llvm::StringRef(llvm::toString(id.takeError())).contains(text));
  };
  refuse({1, NAN, 2}, "found NaN as logit of id 1");
  refuse({1, 2, HUGE_VALF}, "found infinity as logit of id 2");
  refuse({-HUGE_VALF, -HUGE_VALF}, "no logit above -infinity");
}

} // namespace
