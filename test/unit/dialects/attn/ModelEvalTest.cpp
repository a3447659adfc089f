//===- ModelEvalTest.cpp - Values of weights, layers and skips ------------===//
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
using reference::TensorRef;
using Values = std::vector<double>;

class ModelEvalTest : public EvalHarness {
protected:
  /// Doubles a tensor within a skip; the cache takes the tokens.
  std::string skip(StringRef granularity, StringRef condition) {
    return (R"(
      !c = !attn.cache<[k : token 1x1xf32]>
      func.func @f(%b: )" +
            condition + R"(, %x: tensor<?x?x1xf32>, %c: !c,
          %p: tensor<?x?xi32>)
          -> (tensor<?x?x1xf32>, tensor<?x1x?x1xf32>, tensor<?x?xi32>) {
        %y, %d = attn.skip %b )" +
            granularity + R"( (%u = %x, %e = %c)
            : ()" +
            condition + R"(, tensor<?x?x1xf32>, !c)
            -> (tensor<?x?x1xf32>, !c) {
          %v = arith.addf %u, %u : tensor<?x?x1xf32>
          %k = attn.split_heads %u 1 : tensor<?x?x1xf32>
          %e1 = attn.cache_append %e, %p, %k : !c, tensor<?x1x?x1xf32>
          attn.yield %v, %e1 : tensor<?x?x1xf32>, !c
        }
        %k, %q = attn.cache_read %d : !c -> tensor<?x1x?x1xf32>, tensor<?x?xi32>
        return %y, %k, %q
            : tensor<?x?x1xf32>, tensor<?x1x?x1xf32>, tensor<?x?xi32>
      })")
        .str();
  }

  std::vector<Tensor> runSkip(StringRef granularity, StringRef condition,
                              EvalValue bit) {
    return evaluate(skip(granularity, condition),
                    {bit, floats({2, 2, 1}, {1, 2, 3, 4}),
                     reference::CacheValue(cache, {0, 1}),
                     integers({2, 2}, {0, 1, 0, 1})});
  }

  reference::CacheLayout layout() {
    reference::CacheLayout layout;
    layout.fields.push_back({1, 1, reference::Element::F32});
    return layout;
  }
  reference::Cache cache{layout(), 2, 8};
};

TEST_F(ModelEvalTest, SkipsAStep) {
  auto taken = runSkip("step", "i1", bits({}, {0}));
  ASSERT_EQ(taken.size(), 3u) << message;
  EXPECT_EQ(taken[0].data, (Values{2, 4, 6, 8}));
  EXPECT_EQ(taken[1].data, (Values{1, 2, 3, 4}));
  auto skipped = runSkip("step", "i1", bits({}, {1}));
  EXPECT_EQ(skipped[0].data, (Values{1, 2, 3, 4}));
  EXPECT_EQ(skipped[2].size(), 0);
}

TEST_F(ModelEvalTest, SkipsSequences) {
  auto found = runSkip("sequence", "tensor<?xi1>", bits({2}, {1, 0}));
  ASSERT_EQ(found.size(), 3u) << message;
  EXPECT_EQ(found[0].data, (Values{1, 2, 6, 8}));
  EXPECT_EQ(found[2].data, (Values{-1, -1, 0, 1}));
  EXPECT_EQ(found[1].data, (Values{0, 0, 3, 4}));
}

TEST_F(ModelEvalTest, SkipsTokens) {
  auto found = runSkip("token", "tensor<?x?xi1>", bits({2, 2}, {1, 0, 0, 1}));
  ASSERT_EQ(found.size(), 3u) << message;
  EXPECT_EQ(found[0].data, (Values{1, 4, 6, 4}));
  EXPECT_EQ(found[1].data, (Values{2, 3}));
  EXPECT_EQ(found[2].data, (Values{1, 0}));
}

TEST_F(ModelEvalTest, RefusesConditionsOfOtherShapes) {
  EXPECT_TRUE(
      runSkip("sequence", "tensor<?xi1>", bits({3}, {1, 0, 0})).empty());
  EXPECT_EQ(message, "'attn.skip' op found a condition of shape 3 for a value "
                     "of shape 2x2x1");
}

TEST_F(ModelEvalTest, PhasesAnswerByTheEntry) {
  std::string text = R"(func.func @f() -> (i1, i1) {
    %0 = attn.in_phase prefill
    %1 = attn.in_phase decode
    return %0, %1 : i1, i1 })";
  auto found = evaluate(text, {});
  EXPECT_EQ(found[0].data, Values{1});
  EXPECT_EQ(found[1].data, Values{0});
  evalContext.phase = EvalPhase::Decode;
  found = evaluate(text, {});
  EXPECT_EQ(found[0].data, Values{0});
  EXPECT_EQ(found[1].data, Values{1});
}

TEST_F(ModelEvalTest, LayersCaptureAndNest) {
  auto found = evaluate(R"(
    func.func @f(%x: tensor<?xf32>, %s: tensor<?xf32>) -> tensor<?xf32> {
      %y = attn.layer 3 "outer" (%a = %x) : (tensor<?xf32>) -> tensor<?xf32> {
        %b = attn.layer 4 "inner" (%c = %a)
            : (tensor<?xf32>) -> tensor<?xf32> {
          %d = arith.mulf %c, %s : tensor<?xf32>
          attn.yield %d : tensor<?xf32>
        }
        %e = arith.addf %b, %a : tensor<?xf32>
        attn.yield %e : tensor<?xf32>
      }
      return %y : tensor<?xf32>
    })",
                        {floats({2}, {1, 2}), floats({2}, {10, 100})});
  ASSERT_EQ(found.size(), 1u) << message;
  EXPECT_EQ(found[0].data, (Values{11, 202}));
}

TEST_F(ModelEvalTest, ObserversSeeValues) {
  std::vector<std::string> seen;
  evalContext.observe = [&](StringRef name, StringRef statistic,
                            ArrayRef<TensorRef> values) {
    seen.push_back((name + " " + statistic).str());
    for (const TensorRef &value : values)
      seen.push_back(reference::printShape(value->shape));
  };
  evaluate(R"(func.func @f(%x: tensor<?x2xf32>) {
    attn.observe "a" abs_max %x : tensor<?x2xf32>
    attn.observe "b" cosine %x, %x : tensor<?x2xf32>, tensor<?x2xf32>
    return })",
           {floats({1, 2}, {1, 2})});
  EXPECT_EQ(seen, (std::vector<std::string>{"a abs_max", "1x2", "b cosine",
                                            "1x2", "1x2"}));
}

/// Returns a * b; sizes are those of matrices.
Tensor product(const Tensor &a, const Tensor &b) {
  Tensor result(reference::Element::F64, {a.shape[0], b.shape[1]});
  for (int64_t i = 0; i < a.shape[0]; ++i)
    for (int64_t j = 0; j < b.shape[1]; ++j)
      for (int64_t k = 0; k < a.shape[1]; ++k)
        result.row(i)[j] += a.row(i)[k] * b.row(k)[j];
  return result;
}

TEST_F(ModelEvalTest, FactorsBySingularValues) {
  // Rank 2 by construction, so the two leading values are all of it.
  Tensor a = product(anyFloats({6, 2}), anyFloats({2, 4}));
  a.element = reference::Element::F64;
  auto found = evaluate(R"(func.func @f(%a: tensor<6x4xf64>)
      -> (tensor<6x2xf64>, tensor<2xf64>, tensor<2x4xf64>) {
    %u, %s, %v = attn.factor svd %a : (tensor<6x4xf64>)
        -> (tensor<6x2xf64>, tensor<2xf64>, tensor<2x4xf64>)
    return %u, %s, %v : tensor<6x2xf64>, tensor<2xf64>, tensor<2x4xf64> })",
                        {pass(a)});
  ASSERT_EQ(found.size(), 3u) << message;
  EXPECT_GE(found[1].data[0], found[1].data[1]);
  Tensor scaled = found[0];
  for (int64_t i = 0; i < scaled.size(); ++i)
    scaled.data[i] *= found[1].data[i % 2];
  Tensor again = product(scaled, found[2]);
  for (int64_t i = 0; i < a.size(); ++i)
    EXPECT_NEAR(again.data[i], a.data[i], 1e-12);
}

TEST_F(ModelEvalTest, FactorsByEigenvaluesOfAnySign) {
  // Eigenvalues 2 and -5 along (3, 4) / 5 and (4, -3) / 5.
  Values a = {(2 * 9 - 5 * 16) / 25.0, (2 * 12 + 5 * 12) / 25.0,
              (2 * 12 + 5 * 12) / 25.0, (2 * 16 - 5 * 9) / 25.0};
  auto found = evaluate(R"(func.func @f(%a: tensor<2x2xf64>)
      -> (tensor<2xf64>, tensor<2x2xf64>) {
    %w, %q = attn.factor eigen %a : (tensor<2x2xf64>)
        -> (tensor<2xf64>, tensor<2x2xf64>)
    return %w, %q : tensor<2xf64>, tensor<2x2xf64> })",
                        {pass({reference::Element::F64, {2, 2}, a})});
  ASSERT_EQ(found.size(), 2u) << message;
  EXPECT_NEAR(found[0].data[0], -5, 1e-12);
  EXPECT_NEAR(found[0].data[1], 2, 1e-12);
  Values wanted = {0.8, 0.6, -0.6, 0.8};
  for (int i = 0; i < 4; ++i)
    EXPECT_NEAR(found[1].data[i], wanted[i], 1e-12);
}

TEST_F(ModelEvalTest, FactorsByLeastSquares) {
  Tensor a = anyFloats({6, 3}), x = anyFloats({3, 2});
  Tensor b = product(a, x);
  b.element = reference::Element::F64;
  a.element = reference::Element::F64;
  auto found = evaluate(R"(func.func @f(%a: tensor<6x3xf64>,
                                        %b: tensor<6x2xf64>)
      -> tensor<3x2xf64> {
    %x = attn.factor least_squares %a, %b
        : (tensor<6x3xf64>, tensor<6x2xf64>) -> tensor<3x2xf64>
    return %x : tensor<3x2xf64> })",
                        {pass(a), pass(b)});
  ASSERT_EQ(found.size(), 1u) << message;
  for (int64_t i = 0; i < x.size(); ++i)
    EXPECT_NEAR(found[0].data[i], x.data[i], 1e-11);
}

} // namespace
} // namespace heed
