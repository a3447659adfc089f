//===- StepTest.cpp - Tests of runtime/cache/Step -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

#include <functional>

using namespace heed::test;

namespace {

/// A batch of two sequences of three tokens, right as it stands.
struct Batch {
  std::vector<int32_t> ids = {1, 2, 3, 4, 5, 6};
  std::vector<int32_t> positions = {0, 1, 2, -1, 0, 1};
  std::vector<int32_t> rows = {2, -1, 1, 2};
  std::vector<int32_t> slots = {2, 0};
  std::vector<float> logits = std::vector<float>(4 * V, -7);
  heed_step step = {2,
                    3,
                    2,
                    ids.data(),
                    positions.data(),
                    rows.data(),
                    slots.data(),
                    logits.data()};
};

using Change = std::function<void(Batch &)>;

TEST(StepTest, UnequalBatch) {
  TinyOptions options;
  TinySession session(tinyBuilder(options).build(), 3, 16);
  Batch batch;
  ASSERT_EQ(heed_prefill(session.cache, &batch.step), HEED_OK)
      << heed_last_error();
  std::vector<float> expected = expectLogits({1, 2, 3}, 2, options);
  expected.resize(2 * V, 0); // Row -1.
  for (int64_t row : {0, 1}) {
    std::vector<float> next = expectLogits({5, 6}, row, options);
    expected.insert(expected.end(), next.begin(), next.end());
  }
  EXPECT_EQ(batch.logits, expected);
  EXPECT_EQ(session.tokens(0), 2);
  EXPECT_EQ(session.tokens(1), 0);
  EXPECT_EQ(session.tokens(2), 3);
}

/// One sequence of a batch may pause in any step.
TEST(StepTest, DecodeWithPadding) {
  TinyOptions options;
  TinySession session(tinyBuilder(options).build(), 2, 16);
  session.run({1, 2}, 0);
  session.run({3}, 1);
  std::vector<int32_t> ids = {9, 9999}, positions = {2, -1};
  std::vector<float> logits(2 * V, -7);
  heed_step step = {
      2, 1, 1, ids.data(), positions.data(), nullptr, nullptr, logits.data()};
  ASSERT_EQ(heed_decode(session.cache, &step), HEED_OK) << heed_last_error();
  std::vector<float> expected = expectLogits({1, 2, 9}, 2, options);
  expected.resize(2 * V, 0);
  EXPECT_EQ(logits, expected);
  EXPECT_EQ(session.tokens(0), 3);
  EXPECT_EQ(session.tokens(1), 1);
}

TEST(StepTest, DefaultsAreTheNextTokensAndTheLastRow) {
  TinyOptions options;
  TinySession session(tinyBuilder(options).build(), 3, 16);
  Batch batch;
  batch.step.rows = 1;
  batch.step.row_index = nullptr;
  batch.positions = {-1, 0, 1, 0, 1, -1}; // Padded on either side.
  ASSERT_EQ(heed_prefill(session.cache, &batch.step), HEED_OK);
  std::vector<float> expected = expectLogits({2, 3}, 1, options);
  std::vector<float> other = expectLogits({4, 5}, 1, options);
  expected.insert(expected.end(), other.begin(), other.end());
  batch.logits.resize(2 * V);
  EXPECT_EQ(batch.logits, expected);
  EXPECT_EQ(session.decode(7, 2), expectLogits({2, 3, 7}, 2, options));
}

TEST(StepTest, NoRows) {
  TinyOptions options;
  TinySession session(tinyBuilder(options).build(), 1, 16);
  int32_t ids[] = {1, 2};
  heed_step step = {1, 2, 0, ids, nullptr, nullptr, nullptr, nullptr};
  ASSERT_EQ(heed_prefill(session.cache, &step), HEED_OK) << heed_last_error();
  EXPECT_EQ(session.decode(3), expectLogits({1, 2, 3}, 2, options));
}

TEST(StepTest, PositionsMayHaveGaps) {
  TinySession session(tinyBuilder().build(), 1, 4);
  int32_t ids[] = {1, 2, 3}, positions[] = {4, 70, 1000000};
  float logits[V];
  heed_step step = {1, 3, 1, ids, positions, nullptr, nullptr, logits};
  ASSERT_EQ(heed_prefill(session.cache, &step), HEED_OK) << heed_last_error();
  EXPECT_EQ(session.tokens(0), 3);
  positions[0] = 1000000;
  step.tokens = 1;
  EXPECT_EQ(heed_decode(session.cache, &step), HEED_INVALID_ARGUMENT);
  positions[0] = INT32_MAX;
  EXPECT_EQ(heed_decode(session.cache, &step), HEED_OK);
  ASSERT_EQ(heed_cache_trim(session.cache, 0, 3), HEED_OK);
  step.positions = nullptr;
  EXPECT_EQ(heed_decode(session.cache, &step), HEED_OK);
}

/// Every mistake is named, and changes nothing.
TEST(StepTest, Mistakes) {
  struct Case {
    Change change;
    const char *message;
  };
  const Case cases[] = {
      {[](Batch &b) { b.step.batch = 0; },
       "batch 0 found, 1 to 3 slots wanted"},
      {[](Batch &b) { b.step.batch = INT64_MIN; },
       "batch -9223372036854775808 found, 1 to 3 slots wanted"},
      {[](Batch &b) { b.step.batch = 4; },
       "batch 4 found, 1 to 3 slots wanted"},
      {[](Batch &b) { b.step.tokens = -3; },
       "-3 tokens found, 1 to 2147483647 wanted"},
      {[](Batch &b) { b.step.tokens = INT64_MAX; },
       "9223372036854775807 tokens found, 1 to 2147483647 wanted"},
      {[](Batch &b) { b.step.rows = -1; },
       "-1 rows found, 0 to 2147483647 wanted"},
      {[](Batch &b) { b.step.ids = nullptr; }, "ids are null"},
      {[](Batch &b) { b.step.logits = nullptr; },
       "logits are null, 2 rows are wanted"},
      {[](Batch &b) { b.step.row_index = nullptr; },
       "row_index is null for 2 rows, 0 or 1 wanted"},
      {[](Batch &b) { b.slots[1] = 3; },
       "sequence 1: slot 3 found, 0 to 2 wanted"},
      {[](Batch &b) { b.slots[0] = -1; },
       "sequence 0: slot -1 found, 0 to 2 wanted"},
      {[](Batch &b) { b.slots[1] = 2; },
       "sequence 1: slot 2 found twice, all must differ"},
      {[](Batch &b) { b.positions[2] = 1; },
       "sequence 0, token 2: position 1 found, 2 or more, or -1 wanted"},
      {[](Batch &b) { b.positions[0] = -2; },
       "sequence 0, token 0: position -2 found, 0 or more, or -1 wanted"},
      {[](Batch &b) { b.positions[5] = 100; },
       "sequence 1, token 2: position 100 found, below 100 wanted"},
      {[](Batch &b) { b.ids[4] = 16; },
       "sequence 1, token 1: id 16 found, 0 to 15 wanted"},
      {[](Batch &b) { b.ids[0] = -1; },
       "sequence 0, token 0: id -1 found, 0 to 15 wanted"},
      {[](Batch &b) { b.rows[3] = 3; },
       "sequence 1, row 1: index 3 found, -1 to 2 wanted"},
      {[](Batch &b) { b.rows[0] = -2; },
       "sequence 0, row 0: index -2 found, -1 to 2 wanted"}};
  TinyOptions options = {5, 2, false, 100};
  TinySession session(tinyBuilder(options).build(), 3, 16);
  for (const Case &c : cases) {
    Batch batch;
    c.change(batch);
    EXPECT_EQ(heed_prefill(session.cache, &batch.step), HEED_INVALID_ARGUMENT);
    EXPECT_EQ(std::string("prefill: ") + c.message, heed_last_error());
    EXPECT_EQ(batch.logits, std::vector<float>(4 * V, -7));
    for (int64_t slot : {0, 1, 2})
      EXPECT_EQ(session.tokens(slot), 0);
  }
  Batch batch;
  EXPECT_EQ(heed_decode(session.cache, &batch.step), HEED_INVALID_ARGUMENT);
  EXPECT_STREQ(heed_last_error(), "decode: 3 tokens found, decode takes 1");
  batch.ids[3] = 999; // Of padding.
  EXPECT_EQ(heed_prefill(session.cache, &batch.step), HEED_OK);
}

TEST(StepTest, EndOfTheContext) {
  TinyOptions options = {5, 2, false, 6};
  TinySession session(tinyBuilder(options).build(), 1, 16);
  session.run({1, 2, 3, 4, 5});
  session.run({1, 2});
  EXPECT_EQ(session.status, HEED_INVALID_ARGUMENT);
  EXPECT_STREQ(
      heed_last_error(),
      "prefill: sequence 0, token 1: position 6 found, below 6 wanted");
  session.decode(1);
  EXPECT_EQ(session.status, HEED_OK);
}

} // namespace
