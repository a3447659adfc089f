//===- ModelTest.cpp - Tests of runtime/Model -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Model.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>

using namespace heed;
using namespace heed::test;

namespace {

/// Embeddings whose sums depend on the order of adding.
PackageBuilder roundingBuilder() {
  PackageBuilder builder = tinyBuilder({64, 0, false, 0});
  uint32_t seed = 7;
  for (size_t at = 0; at != builder.embedded.size(); at += 4) {
    seed = seed * 1664525u + 1013904223u;
    float value = float(seed >> 8) / float(1 << 24) - 0.5f;
    std::memcpy(&builder.embedded[at], &value, 4);
  }
  return builder;
}

/// Runs an unequal batch and three decodes; returns all logits as bits.
std::vector<uint32_t> runBits(const std::string &package, int threads) {
  TinySession session(package, 8, 64, threads);
  const int64_t B = 8, N = 20;
  std::vector<int32_t> ids = someIds(B * N), positions, rows;
  for (int32_t b = 0; b != B; ++b)
    for (int32_t n = 0; n != N; ++n)
      positions.push_back(n < 2 * b ? -1 : n - 2 * b); // Padded on the left.
  std::vector<float> logits(B * V), all;
  heed_step step = {
      B, N, 1, ids.data(), positions.data(), nullptr, nullptr, logits.data()};
  EXPECT_EQ(heed_prefill(session.cache, &step), HEED_OK) << heed_last_error();
  all = logits;
  for (int i = 0; i != 3; ++i) {
    heed_step next = {B,       1,       1,       ids.data(),
                      nullptr, nullptr, nullptr, logits.data()};
    EXPECT_EQ(heed_decode(session.cache, &next), HEED_OK) << heed_last_error();
    all.insert(all.end(), logits.begin(), logits.end());
  }
  std::vector<uint32_t> bits(all.size());
  std::memcpy(bits.data(), all.data(), all.size() * 4);
  return bits;
}

TEST(ModelTest, ThreadsAndRepetitionsAreBitEqual) {
  std::string package = roundingBuilder().build();
  std::vector<uint32_t> one = runBits(package, 1);
  for (int threads : {1, 2, 3, 7})
    for (int round = 0; round != 5; ++round)
      EXPECT_EQ(runBits(package, threads), one) << threads << " threads";
}

TEST(ModelTest, SequencesOfABatchAreAsAlone) {
  std::string package = roundingBuilder().build();
  std::vector<uint32_t> batch = runBits(package, 2);
  std::vector<int32_t> ids = someIds(8 * 20);
  for (int b = 0; b != 8; ++b) {
    TinySession session(package, 1, 64);
    std::vector<int32_t> own(ids.begin() + b * 20 + 2 * b,
                             ids.begin() + b * 20 + 20);
    std::vector<float> logits = session.run(own);
    EXPECT_EQ(std::memcmp(&logits[logits.size() - V], &batch[b * V], V * 4), 0);
  }
}

TEST(ModelTest, OneModelManyThreads) {
  TinyOptions options;
  std::string package = tinyBuilder(options).build();
  TinySession shared(package, 1, 8, 2);
  std::vector<std::thread> threads;
  for (uint32_t seed = 1; seed != 5; ++seed)
    threads.emplace_back([&, seed] {
      heed_cache *cache = nullptr;
      ASSERT_EQ(heed_cache_create(shared.model, 1, 64, &cache), HEED_OK);
      std::vector<int32_t> ids = someIds(30, seed);
      for (int64_t n = 0; n != 30; ++n) {
        std::vector<float> logits(V);
        heed_step step = {1,       1,       1,       &ids[n],
                          nullptr, nullptr, nullptr, logits.data()};
        ASSERT_EQ(n < 5 ? heed_prefill(cache, &step)
                        : heed_decode(cache, &step),
                  HEED_OK);
        ASSERT_EQ(logits, expectLogits(ids, n, options));
      }
      heed_cache_destroy(cache);
    });
  for (std::thread &thread : threads)
    thread.join();
}

TEST(ModelTest, WeightsThatAreNoNumbers) {
  PackageBuilder builder = tinyBuilder();
  float nan = std::numeric_limits<float>::quiet_NaN();
  for (size_t at = 0; at != builder.embedded.size(); at += 4)
    std::memcpy(&builder.embedded[at], &nan, 4);
  TinySession session(builder.build(), 1, 16);
  std::vector<float> logits = session.run({1, 2, 3});
  EXPECT_EQ(session.status, HEED_OK);
  EXPECT_TRUE(std::isnan(logits[0]));
}

TEST(ModelTest, MissingEntry) {
  PackageBuilder builder = tinyBuilder();
  builder.entries.pop_back();
  builder.commands.resize(builder.entries[0].command_count);
  TinySession session(builder.build(), 1, 16);
  session.decode(1);
  EXPECT_EQ(session.status, HEED_INVALID_ARGUMENT);
  EXPECT_STREQ(heed_last_error(), "package in memory: no entry 'decode' found");
}

TEST(ModelTest, StepThatNeedsTooMuchChangesNothing) {
  PackageBuilder builder = tinyBuilder();
  builder.buffers[2].elements = {0, 0, int64_t(1) << 40, 0};
  TinySession session(builder.build(), 1, 64);
  session.run(someIds(30));
  EXPECT_EQ(session.status, HEED_OUT_OF_MEMORY);
  EXPECT_NE(std::string(heed_last_error()).find("temporaries: "),
            std::string::npos);
  EXPECT_EQ(session.tokens(0), 0);
  std::vector<float> found = session.decode(4);
  EXPECT_EQ(session.status, HEED_OK);
  EXPECT_EQ(found, expectLogits({4}, 0, {}));
}

} // namespace
