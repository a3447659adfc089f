//===- BlockTest.cpp - Parts of a block in plain loops --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Block.h"

#include "gtest/gtest.h"

#include <cmath>

namespace heed::reference {
namespace {

using Values = std::vector<double>;

Tensor make(std::vector<int64_t> shape, Values values,
            Element element = Element::F32) {
  return Tensor(element, shape, std::move(values));
}

TEST(BlockTest, DotTakesEveryElement) {
  for (int64_t size : {0, 1, 7, 8, 9, 16, 23}) {
    Values a(size), b(size, 2.0);
    for (int64_t i = 0; i < size; ++i)
      a[i] = static_cast<double>(i + 1);
    EXPECT_EQ(dot(a.data(), b.data(), size), size * (size + 1)) << size;
  }
}

TEST(BlockTest, EmbedsIdsOfTheTable) {
  Tensor table = make({2, 2}, {1, 2, 3, 4});
  Tensor ids = make({1, 4}, {1, -1, 0, 2}, Element::I32);
  EXPECT_EQ(embed(table, ids, Element::F32).data,
            (Values{3, 4, 0, 0, 1, 2, 0, 0}));
}

TEST(BlockTest, GathersTokensOfEachSequence) {
  Tensor input = make({2, 2, 1}, {1, 2, 3, 4});
  Tensor rows = make({2, 3}, {1, -1, 0, 0, 1, 1}, Element::I32);
  Tensor result = gatherTokens(input, rows);
  EXPECT_EQ(result.shape, (std::vector<int64_t>{2, 3, 1}));
  EXPECT_EQ(result.data, (Values{2, 0, 1, 3, 4, 4}));
}

TEST(BlockTest, MultipliesRowsWithRows) {
  Tensor input = make({1, 2, 3}, {1, 2, 3, -1, 0, 1});
  Tensor weight = make({2, 3}, {1, 1, 1, 0, 10, 100});
  Tensor bias = make({2}, {0.5, -0.5});
  Tensor result = linear(input, weight, &bias, Element::F32);
  EXPECT_EQ(result.shape, (std::vector<int64_t>{1, 2, 2}));
  EXPECT_EQ(result.data, (Values{6.5, 319.5, 0.5, 99.5}));
  // 256 + 1 has no bf16: rounded once, at the end.
  Tensor wide = make({1, 2}, {256, 1}, Element::BF16);
  Tensor ones = make({1, 2}, {1, 1}, Element::BF16);
  EXPECT_EQ(linear(wide, ones, nullptr, Element::BF16).data, Values{256});
  EXPECT_EQ(linear(wide, ones, nullptr, Element::F32).data, Values{257});
}

TEST(BlockTest, SplitsAndMergesHeads) {
  // Two tokens of two heads of width 2: token t, head h, channel d is 100thd.
  Tensor input = make({1, 2, 4}, {0, 1, 10, 11, 100, 101, 110, 111});
  Tensor heads = splitHeads(input, 2);
  EXPECT_EQ(heads.shape, (std::vector<int64_t>{1, 2, 2, 2}));
  EXPECT_EQ(heads.data, (Values{0, 1, 100, 101, 10, 11, 110, 111}));
  EXPECT_EQ(mergeHeads(heads).data, input.data);
  EXPECT_EQ(mergeHeads(heads).shape, input.shape);
}

TEST(BlockTest, NormsByRootMeanSquare) {
  Tensor input = make({1, 2}, {3, 4});
  Tensor weight = make({2}, {1, 10});
  Tensor result = rmsNorm(input, weight, 0.5);
  EXPECT_NEAR(result.data[0], 3 / std::sqrt(13.0), 1e-7);
  EXPECT_NEAR(result.data[1], 40 / std::sqrt(13.0), 1e-6);
}

TEST(BlockTest, NormsByMeanAndVariance) {
  Tensor input = make({1, 2}, {1, 5});
  Tensor weight = make({2}, {1, 2}), bias = make({2}, {0.5, 0.25});
  // Mean 3, variance 4.
  Tensor result = layerNorm(input, weight, &bias, 12);
  EXPECT_NEAR(result.data[0], 0.5 - 2 / 4.0, 1e-7);
  EXPECT_NEAR(result.data[1], 0.25 + 2 * 2 / 4.0, 1e-7);
}

TEST(BlockTest, RotatesByThePosition) {
  double quarter = std::acos(-1.0) / 2;
  Tensor frequencies = make({1}, {quarter});
  Tensor positions = make({1, 4}, {0, 1, 2, -1}, Element::I32);
  Tensor input = make({1, 1, 4, 3}, {1, 2, 9, 1, 2, 9, 1, 2, 9, 1, 2, 9});
  Tensor result = rotary(input, positions, frequencies, 3);
  // Channels 0 and 1 turn, channel 2 passes, padding is zero.
  Values wanted = {3, 6, 9, -6, 3, 9, -3, -6, 9, 0, 0, 0};
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR(result.data[i], wanted[i], 1e-6) << i;
}

TEST(BlockTest, PairsChannelsByHalves) {
  Tensor frequencies = make({2}, {1, 0});
  Tensor positions = make({1, 1}, {1}, Element::I32);
  Tensor input = make({1, 1, 1, 4}, {1, 2, 3, 4});
  Tensor result = rotary(input, positions, frequencies, 1);
  double c = std::cos(1.0), s = std::sin(1.0);
  Values wanted = {c - 3 * s, 2, 3 * c + s, 4};
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR(result.data[i], wanted[i], 1e-6) << i;
}

TEST(BlockTest, ActivatesAsTabulated) {
  EXPECT_NEAR(activate(Activation::Silu, 1), 0.7310585786300049, 1e-15);
  EXPECT_NEAR(activate(Activation::Gelu, 1), 0.8413447460685429, 1e-15);
  EXPECT_NEAR(activate(Activation::GeluTanh, 1), 0.8411919906082768, 1e-14);
  EXPECT_EQ(activate(Activation::Relu, -2), 0);
  EXPECT_EQ(activate(Activation::Relu, 2), 2);
}

TEST(BlockTest, FeedsForwardWithGateAndWithout) {
  Tensor input = make({1, 1, 2}, {1, 2});
  Tensor up = make({2, 2}, {1, 0, 0, -1});
  Tensor gate = make({2, 2}, {0, 1, 1, 1});
  Tensor down = make({2, 2}, {1, 1, 10, 100});
  // up x = (1, -2); gate x = (2, 3).
  EXPECT_EQ(feedForward(Activation::Relu, input, up, down, nullptr).data,
            (Values{1, 10}));
  EXPECT_EQ(feedForward(Activation::Relu, input, up, down, &gate).data,
            (Values{2 - 6, 20 - 600}));
}

} // namespace
} // namespace heed::reference
