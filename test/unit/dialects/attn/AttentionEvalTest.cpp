//===- AttentionEvalTest.cpp - Values of attention ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/dialects/EvalHarness.h"

#include <cmath>

using namespace mlir;

namespace heed {
namespace {

using reference::Tensor;

constexpr int kBatch = 2, kHeads = 4, kKeyHeads = 2, kWidth = 3, kValue = 2;
constexpr int kQueries = 3, kOld = 4;

/// Operands of an attention on a cache of 4 entries and 3 new tokens.
struct Operands {
  Tensor query, oldKeys, oldValues, newKeys, newValues;
  std::vector<int> queryAt = {4, 5, 6, /**/ -1, 2, 3};
  std::vector<int> oldAt = {0, 1, 2, 3, /**/ 0, 1, -1, -1};
  std::vector<int> querySegment = {0, 1, 1, /**/ 0, 0, 0};
  std::vector<int> oldSegment = {0, 0, 1, 1, /**/ 0, 0, 0, 0};
};

/// What the test itself thinks of a mask.
struct Sight {
  bool causal = true;
  std::vector<int> window, sinks, prefix;
  bool segments = false;

  bool sees(int head, int p, int k) const {
    auto at = [&](const std::vector<int> &list) {
      return list.size() == 1 ? list[0] : list[head];
    };
    if (p == -1 || k == -1)
      return false;
    if (!prefix.empty() && k < at(prefix))
      return true;
    if (causal && k > p)
      return false;
    if (window.empty())
      return true;
    return p - k < at(window) || (!sinks.empty() && k < at(sinks));
  }
};

/// Outputs, then maximum, then sum of one query head.
struct Row {
  double output[kValue] = {0, 0};
  double maximum = -INFINITY, sum = 0;
};

using Score = double (*)(double score, int b, int h, int p, int k);

class AttentionEvalTest : public EvalHarness {
protected:
  AttentionEvalTest() {
    operands.query = anyFloats({kBatch, kHeads, kQueries, kWidth});
    operands.oldKeys = anyFloats({kBatch, kKeyHeads, kOld, kWidth});
    operands.oldValues = anyFloats({kBatch, kKeyHeads, kOld, kValue});
    operands.newKeys = anyFloats({kBatch, kKeyHeads, kQueries, kWidth});
    operands.newValues = anyFloats({kBatch, kKeyHeads, kQueries, kValue});
  }

  static EvalValue positions(int count, const std::vector<int> &list) {
    return integers({kBatch, count}, {list.begin(), list.end()});
  }

  /// Runs attention with this mask, scale 2 and these further clauses.
  std::vector<Tensor> run(std::string mask, std::string more,
                          bool segments = false) {
    std::string text = R"(
      func.func @f(%q: tensor<?x4x?x3xf32>, %k0: tensor<?x2x?x3xf32>,
          %v0: tensor<?x2x?x2xf32>, %k1: tensor<?x2x?x3xf32>,
          %v1: tensor<?x2x?x2xf32>, %p: tensor<?x?xi32>, %p0: tensor<?x?xi32>,
          %s: tensor<?x?xi32>, %s0: tensor<?x?xi32>)
          -> (tensor<?x4x?x2xf32>, tensor<?x4x?xf32>) {
        %o, %l = attn.attention %q
          keys(%k0, %k1 : tensor<?x2x?x3xf32>, tensor<?x2x?x3xf32>)
          values(%v0, %v1 : tensor<?x2x?x2xf32>, tensor<?x2x?x2xf32>)
          at(%p to %p0, %p
             : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>) )";
    if (segments)
      text += "segments(%s to %s0, %s : tensor<?x?xi32> to tensor<?x?xi32>, "
              "tensor<?x?xi32>) ";
    text += mask + " scale(2.0) " + more + R"( : tensor<?x4x?x3xf32>
          -> tensor<?x4x?x2xf32>, tensor<?x4x?xf32>
        return %o, %l : tensor<?x4x?x2xf32>, tensor<?x4x?xf32> })";
    return evaluate(text, {pass(operands.query), pass(operands.oldKeys),
                           pass(operands.oldValues), pass(operands.newKeys),
                           pass(operands.newValues),
                           positions(kQueries, operands.queryAt),
                           positions(kOld, operands.oldAt),
                           positions(kQueries, operands.querySegment),
                           positions(kOld, operands.oldSegment)});
  }

  /// Computes one query head without a maximum to subtract.
  Row attend(const Sight &sight, int b, int h, int i, Score change) const {
    Row row;
    int group = b * kKeyHeads + h / 2, p = operands.queryAt[b * kQueries + i];
    auto add = [&](const Tensor &keys, const Tensor &values, int count,
                   const std::vector<int> &at,
                   const std::vector<int> &segment) {
      for (int j = 0; j < count; ++j) {
        int k = at[b * count + j];
        if (!sight.sees(h, p, k) ||
            (sight.segments &&
             segment[b * count + j] != operands.querySegment[b * kQueries + i]))
          continue;
        double score = 0;
        for (int d = 0; d < kWidth; ++d)
          score += 2 *
                   operands.query
                       .data[((b * kHeads + h) * kQueries + i) * kWidth + d] *
                   keys.data[(group * count + j) * kWidth + d];
        if (change)
          score = change(score, b, h, p, k);
        row.sum += std::exp(score);
        for (int d = 0; d < kValue; ++d)
          row.output[d] +=
              std::exp(score) * values.data[(group * count + j) * kValue + d];
      }
    };
    add(operands.oldKeys, operands.oldValues, kOld, operands.oldAt,
        operands.oldSegment);
    add(operands.newKeys, operands.newValues, kQueries, operands.queryAt,
        operands.querySegment);
    return row;
  }

  void expectEqual(const std::vector<Tensor> &found, const Sight &sight,
                   Score change = nullptr) {
    ASSERT_EQ(found.size(), 2u) << message;
    for (int row = 0; row < kBatch * kHeads * kQueries; ++row) {
      int i = row % kQueries, h = row / kQueries % kHeads;
      Row wanted = attend(sight, row / (kQueries * kHeads), h, i, change);
      for (int d = 0; d < kValue; ++d)
        EXPECT_NEAR(found[0].data[row * kValue + d],
                    wanted.sum ? wanted.output[d] / wanted.sum : 0, 1e-6)
            << "row " << row;
      if (wanted.sum)
        EXPECT_NEAR(found[1].data[row], std::log(wanted.sum), 1e-6);
      else
        EXPECT_EQ(found[1].data[row], -INFINITY);
    }
  }

  Operands operands;
};

TEST_F(AttentionEvalTest, Causal) { expectEqual(run("mask<causal>", ""), {}); }

TEST_F(AttentionEvalTest, EveryKey) {
  Sight sight;
  sight.causal = false;
  expectEqual(run("mask<>", ""), sight);
}

TEST_F(AttentionEvalTest, WindowPerHeadWithSinks) {
  Sight sight;
  sight.window = {1, 2, 3, 4};
  sight.sinks = {1};
  expectEqual(run("mask<causal, window = [1, 2, 3, 4], sinks = 1>", ""), sight);
}

TEST_F(AttentionEvalTest, Prefix) {
  Sight sight;
  sight.prefix = {6, 0, 3, 1};
  sight.window = {2};
  expectEqual(run("mask<causal, window = 2, prefix = [6, 0, 3, 1]>", ""),
              sight);
}

TEST_F(AttentionEvalTest, Segments) {
  Sight sight;
  sight.segments = true;
  expectEqual(run("mask<causal, segments>", "", /*segments=*/true), sight);
}

TEST_F(AttentionEvalTest, Softcap) {
  expectEqual(run("mask<causal>", "softcap(0.5)"), {},
              [](double score, int, int, int, int) {
                return 0.5 * std::tanh(score / 0.5);
              });
}

TEST_F(AttentionEvalTest, ScoreRegionSeesPositionsAndHeads) {
  // A bias by distance and head, as ALiBi, and one sequence doubled.
  auto found = run("mask<causal>", R"(softcap(3.0) score {
    ^bb0(%c: f32, %b: index, %h: index, %at: i32, %k: i32):
      %d = arith.subi %k, %at : i32
      %df = arith.sitofp %d : i32 to f32
      %hi = arith.index_cast %h : index to i32
      %hf = arith.sitofp %hi : i32 to f32
      %slope = arith.constant 0.25 : f32
      %0 = arith.mulf %df, %slope : f32
      %1 = arith.mulf %0, %hf : f32
      %2 = arith.addf %c, %1 : f32
      %one = arith.constant 1 : index
      %second = arith.cmpi eq, %b, %one : index
      %3 = arith.addf %2, %2 : f32
      %4 = arith.select %second, %3, %2 : f32
      attn.yield %4 : f32
    })");
  expectEqual(found, {}, [](double score, int b, int h, int p, int k) {
    double capped = 3 * std::tanh(score / 3) + 0.25 * (k - p) * h;
    return b == 1 ? 2 * capped : capped;
  });
}

TEST_F(AttentionEvalTest, PartsMergeToTheWhole) {
  std::string text = R"(
    func.func @f(%q: tensor<?x4x?x3xf32>, %k0: tensor<?x2x?x3xf32>,
        %v0: tensor<?x2x?x2xf32>, %k1: tensor<?x2x?x3xf32>,
        %v1: tensor<?x2x?x2xf32>, %p: tensor<?x?xi32>, %p0: tensor<?x?xi32>)
        -> (tensor<?x4x?x2xf32>, tensor<?x4x?xf32>, tensor<?x4x?x2xf32>,
            tensor<?x4x?xf32>, tensor<?x4x?xf32>) {
      %o0, %l0 = attn.attention %q keys(%k0 : tensor<?x2x?x3xf32>)
        values(%v0 : tensor<?x2x?x2xf32>)
        at(%p to %p0 : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(2.0)
        : tensor<?x4x?x3xf32> -> tensor<?x4x?x2xf32>, tensor<?x4x?xf32>
      %o1, %l1 = attn.attention %q keys(%k1 : tensor<?x2x?x3xf32>)
        values(%v1 : tensor<?x2x?x2xf32>)
        at(%p to %p : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(2.0)
        : tensor<?x4x?x3xf32> -> tensor<?x4x?x2xf32>, tensor<?x4x?xf32>
      %o, %l = attn.merge outputs(%o0, %o1) lse(%l0, %l1)
        : tensor<?x4x?x2xf32>, tensor<?x4x?xf32>
      %n, %m, %s = attn.attention_partial %q keys(%k1 : tensor<?x2x?x3xf32>)
        values(%v1 : tensor<?x2x?x2xf32>)
        at(%p to %p : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(2.0) : tensor<?x4x?x3xf32>
        -> tensor<?x4x?x2xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>
      return %o, %l, %n, %m, %s : tensor<?x4x?x2xf32>, tensor<?x4x?xf32>,
          tensor<?x4x?x2xf32>, tensor<?x4x?xf32>, tensor<?x4x?xf32>
    })";
  std::vector<Tensor> found = evaluate(
      text,
      {pass(operands.query), pass(operands.oldKeys), pass(operands.oldValues),
       pass(operands.newKeys), pass(operands.newValues),
       positions(kQueries, operands.queryAt), positions(kOld, operands.oldAt)});
  ASSERT_EQ(found.size(), 5u) << message;
  expectEqual({found[0], found[1]}, {});
  // The partial, put together by hand, is the attention to the new keys.
  operands.oldAt.assign(kBatch * kOld, -1);
  Tensor output = found[2], lse = found[3];
  for (int row = 0; row < lse.size(); ++row) {
    for (int d = 0; d < kValue; ++d)
      if (found[4].data[row])
        output.data[row * kValue + d] /= found[4].data[row];
    lse.data[row] += std::log(found[4].data[row]);
  }
  expectEqual({output, lse}, {});
}

} // namespace
} // namespace heed
