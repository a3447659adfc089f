//===- Fixtures.cpp - Models with a property ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Fixtures.h"

#include <cmath>

namespace heed {

static constexpr char kConfig[] = R"({"model_type": "llama", "vocab_size": 61,
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 6,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    "max_position_embeddings": 128, "attention_bias": true,
    "rope_theta": 8.0})";
static constexpr double kTheta = 8;
static constexpr int64_t kHeads = 4, kHalf = 8;

/// Splits "l3.wq" into 3 and "wq"; weights outside layers have layer -1.
static std::pair<int64_t, llvm::StringRef> split(const ModelWeight &weight) {
  llvm::StringRef name = weight.symbol;
  int64_t layer = -1;
  if (name.consume_front("l") && !name.consumeInteger(10, layer) &&
      name.consume_front("."))
    return {layer, name};
  return {-1, weight.symbol};
}

/// Zeroes what the layers between the first and the last add to the residual.
static void makeIdle(const ModelWeight &weight, std::vector<double> &numbers) {
  auto [layer, name] = split(weight);
  if (layer > 0 && layer < kFixtureLayers - 1 &&
      (name == "wo" || name == "bo" || name == "down"))
    std::fill(numbers.begin(), numbers.end(), 0.0);
}

/// Returns how far back a query head looks: from itself to the farthest key
/// that it may see.
static int64_t distanceOf(int64_t layer, int64_t head) {
  constexpr int64_t distances[kHeads] = {0, 1, kReach / 2, kReach - 1};
  return distances[(layer + head) % kHeads];
}

/// Lets queries and keys depend on their positions alone. Rotation turns pair i
/// by 8^(-i/8) for each position, so with biases of length 32 a query sees the
/// key d back with the score 32^2 / 4 x sum over i of cos((d - d0) 8^(-i/8)).
/// The sum is 8 for d = d0, and smaller by 1.15 or more for all other d up to
/// the context, which is e^-294 in weight: that is nothing.
static void shortenReach(const ModelWeight &weight,
                         std::vector<double> &numbers) {
  auto [layer, name] = split(weight);
  if (name == "wq" || name == "wk")
    std::fill(numbers.begin(), numbers.end(), 0.0);
  if (name != "bq" && name != "bk")
    return;
  constexpr double length = 32;
  for (int64_t at = 0, e = int64_t(numbers.size()); at < e; ++at) {
    int64_t head = at / (2 * kHalf), pair = at % kHalf;
    bool isSecond = at / kHalf % 2;
    double back = name == "bq" ? double(distanceOf(layer, head)) : 0;
    double angle = back * std::pow(kTheta, -double(pair) / kHalf);
    numbers[at] = length * (isSecond ? -std::sin(angle) : std::cos(angle));
  }
}

std::unique_ptr<RandomCheckpoint> makeFixture(Fixture fixture) {
  switch (fixture) {
  case Fixture::None:
    return std::make_unique<RandomCheckpoint>(kConfig);
  case Fixture::IdleLayers:
    return std::make_unique<RandomCheckpoint>(kConfig, makeIdle);
  case Fixture::ShortReach:
    return std::make_unique<RandomCheckpoint>(kConfig, shortenReach);
  }
  llvm_unreachable("a fixture that nobody makes");
}

} // namespace heed
