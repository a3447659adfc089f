//===- AttentionTest.cpp - Softmax attention in plain loops ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Attention.h"

#include "gtest/gtest.h"

#include <cmath>

namespace heed::reference {
namespace {

constexpr double kNone = -INFINITY;

/// One sequence, one head of width 1: scores are query times key.
struct Line {
  Tensor query, keys, values;
  AttentionInputs inputs;

  Line(std::vector<double> q, std::vector<double> k, std::vector<double> v)
      : query(Element::F32, {1, 1, static_cast<int64_t>(q.size()), 1}, q),
        keys(Element::F32, {1, 1, static_cast<int64_t>(k.size()), 1}, k),
        values(Element::F32, {1, 1, static_cast<int64_t>(v.size()), 1}, v) {
    inputs.query = &query;
    inputs.segments.push_back({&keys, &values, nullptr, nullptr});
  }
};

TEST(AttentionTest, AveragesEqualScores) {
  Line line({0, 0}, {5, 6, 7}, {1, 2, 6});
  AttentionParts parts = *attend(line.inputs);
  EXPECT_EQ(parts.output(Element::F32).data, (std::vector<double>{3, 3}));
  EXPECT_EQ(parts.maximum.data, (std::vector<double>{0, 0}));
  EXPECT_EQ(parts.sum.data, (std::vector<double>{3, 3}));
  EXPECT_EQ(parts.logSumExp().data[0], std::log(3.0f));
}

TEST(AttentionTest, WeighsByScores) {
  // Scores log 1 and log 3, by scale.
  Line line({1}, {0, std::log(3.0) / 2}, {4, 8});
  line.inputs.scale = 2;
  EXPECT_NEAR(attend(line.inputs)->output(Element::F64).data[0], 7, 1e-7);
}

TEST(AttentionTest, AlignsTheLastQueryWithTheLastKey) {
  Line line({0, 0}, {0, 0, 0}, {1, 3, 8});
  line.inputs.mask.causal = true;
  EXPECT_EQ(attend(line.inputs)->output(Element::F32).data,
            (std::vector<double>{2, 4}));
}

TEST(AttentionTest, QueriesWithoutKeysYieldZeros) {
  Line line({1, 1, 1}, {1}, {5});
  line.inputs.mask.causal = true;
  AttentionParts parts = *attend(line.inputs);
  EXPECT_EQ(parts.output(Element::F32).data, (std::vector<double>{0, 0, 5}));
  EXPECT_EQ(parts.logSumExp().data, (std::vector<double>{kNone, kNone, 1}));
  EXPECT_EQ(parts.maximum.data[0], kNone);
  EXPECT_EQ(parts.sum.data[0], 0);
}

TEST(AttentionTest, CapsScores) {
  Line line({1}, {100, 0}, {1, 0});
  line.inputs.softcap = 2;
  double capped = std::exp(2 * std::tanh(50.0));
  EXPECT_NEAR(attend(line.inputs)->output(Element::F64).data[0],
              capped / (capped + 1), 1e-12);
}

TEST(AttentionTest, ScoreFunctionsMayHideKeys) {
  Line line({0}, {0, 0, 0}, {1, 3, 8});
  auto hideOdd = [](ScoreRow row) {
    EXPECT_EQ(row.queryPosition, 2);
    for (size_t i = 0; i < row.scores.size(); ++i)
      if (static_cast<int>(row.keyPositions[i]) % 2)
        row.scores[i] = kNone;
    return true;
  };
  line.inputs.score = hideOdd;
  EXPECT_EQ(attend(line.inputs)->output(Element::F64).data[0], 4.5);
  auto hideAll = [](ScoreRow row) {
    for (double &score : row.scores)
      score = kNone;
    return true;
  };
  line.inputs.score = hideAll;
  EXPECT_EQ(attend(line.inputs)->output(Element::F64).data[0], 0);
  EXPECT_EQ(attend(line.inputs)->logSumExp().data[0], kNone);
  auto giveUp = [](ScoreRow) { return false; };
  line.inputs.score = giveUp;
  EXPECT_FALSE(attend(line.inputs));
}

TEST(AttentionTest, MergingPartsIsAttendingToAll) {
  Line all({0.5, -1}, {1, 2, -3, 0.25}, {1, 3, 8, -2});
  Line left({0.5, -1}, {1, 2}, {1, 3}), right({0.5, -1}, {-3, 0.25}, {8, -2});
  AttentionParts a = *attend(left.inputs), b = *attend(right.inputs);
  Tensor outputs[] = {a.output(Element::F32), b.output(Element::F32)};
  Tensor lses[] = {a.logSumExp(), b.logSumExp()};
  Tensor lse;
  Tensor merged =
      mergeAttention({{&outputs[0], &lses[0]}, {&outputs[1], &lses[1]}}, lse);
  AttentionParts whole = *attend(all.inputs);
  for (int i = 0; i < 2; ++i) {
    EXPECT_NEAR(merged.data[i], whole.output(Element::F64).data[i], 1e-6);
    EXPECT_NEAR(lse.data[i], whole.logSumExp().data[i], 1e-6);
  }
}

TEST(AttentionTest, MergingLeavesOutWhatSawNoKey) {
  Tensor some(Element::F32, {1, 1, 2, 1}, {7, 0});
  Tensor none(Element::F32, {1, 1, 2, 1}, {0, 0});
  Tensor someLse(Element::F32, {1, 1, 2}, {3, kNone});
  Tensor noneLse(Element::F32, {1, 1, 2}, {kNone, kNone});
  Tensor lse;
  Tensor merged = mergeAttention({{&none, &noneLse}, {&some, &someLse}}, lse);
  EXPECT_EQ(merged.data, (std::vector<double>{7, 0}));
  EXPECT_EQ(lse.data, (std::vector<double>{3, kNone}));
}

} // namespace
} // namespace heed::reference
