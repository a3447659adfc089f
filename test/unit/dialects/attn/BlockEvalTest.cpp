//===- BlockEvalTest.cpp - Values of block ops as IR ----------------------===//
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

using reference::Element;
using reference::Tensor;
using Values = std::vector<double>;

/// The formulas are tested in test/unit/lib/Reference/BlockTest.cpp; here are
/// operands, attributes and the rounding at the declared type.
class BlockEvalTest : public EvalHarness {
protected:
  static EvalValue halves(ArrayRef<int64_t> shape, Values values) {
    return pass(Tensor(Element::BF16, shape, std::move(values)));
  }
};

TEST_F(BlockEvalTest, EmbedWidensToF32) {
  auto found =
      evaluate(R"(
    func.func @f(%t: tensor<2x2xbf16>, %i: tensor<?x?xi32>)
        -> tensor<?x?x2xf32> {
      %0 = attn.embed %t, %i : tensor<2x2xbf16>, tensor<?x?xi32>
          -> tensor<?x?x2xf32>
      return %0 : tensor<?x?x2xf32>
    })",
               {halves({2, 2}, {1, 2, 3, 4}), integers({1, 2}, {1, 7})});
  ASSERT_EQ(found.size(), 1u) << message;
  EXPECT_EQ(found[0].element, Element::F32);
  EXPECT_EQ(found[0].data, (Values{3, 4, 0, 0}));
}

TEST_F(BlockEvalTest, LinearRoundsOnceAfterTheBias) {
  // 256 + 1 - 1: rounding before the bias would give 255.
  auto found = evaluate(
      R"(
    func.func @f(%x: tensor<?x2xbf16>, %w: tensor<1x2xbf16>, %b: tensor<1xbf16>)
        -> (tensor<?x1xbf16>, tensor<?x1xf32>) {
      %0 = attn.linear %x, %w bias(%b : tensor<1xbf16>)
          : tensor<?x2xbf16>, tensor<1x2xbf16> -> tensor<?x1xbf16>
      %1 = attn.linear %x, %w
          : tensor<?x2xbf16>, tensor<1x2xbf16> -> tensor<?x1xf32>
      return %0, %1 : tensor<?x1xbf16>, tensor<?x1xf32>
    })",
      {halves({1, 2}, {256, 1}), halves({1, 2}, {1, 1}), halves({1}, {-1})});
  ASSERT_EQ(found.size(), 2u) << message;
  EXPECT_EQ(found[0].data, Values{256});
  EXPECT_EQ(found[1].data, Values{257});
}

TEST_F(BlockEvalTest, NormsTakeTheirAttributes) {
  auto found = evaluate(R"(
    func.func @f(%x: tensor<?x2xf32>, %w: tensor<2xf32>)
        -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) {
      %0 = attn.norm rms %x, %w epsilon(3.5) : tensor<?x2xf32>, tensor<2xf32>
      %1 = attn.norm layer %x, %w epsilon(12.0)
          : tensor<?x2xf32>, tensor<2xf32>
      %2 = attn.norm layer %x, %w bias(%w : tensor<2xf32>) epsilon(12.0)
          : tensor<?x2xf32>, tensor<2xf32>
      return %0, %1, %2 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
    })",
                        {floats({1, 2}, {1, 5}), floats({2}, {1, 2})});
  ASSERT_EQ(found.size(), 3u) << message;
  // Mean square 13; mean 3, variance 4.
  EXPECT_NEAR(found[0].data[1], 10 / std::sqrt(16.5), 1e-6);
  EXPECT_EQ(found[1].data, (Values{-0.5, 1}));
  EXPECT_EQ(found[2].data, (Values{0.5, 3}));
}

TEST_F(BlockEvalTest, HeadsRotaryAndRows) {
  auto found = evaluate(
      R"(
    func.func @f(%x: tensor<?x?x4xf32>, %p: tensor<?x?xi32>, %f: tensor<1xf32>,
                 %r: tensor<?x?xi32>)
        -> (tensor<?x?x4xf32>, tensor<?x?x4xf32>) {
      %0 = attn.split_heads %x 2 : tensor<?x?x4xf32>
      %1 = attn.rotary %0, %p, %f amplitude(2.0)
          : tensor<?x2x?x2xf32>, tensor<?x?xi32>, tensor<1xf32>
      %2 = attn.merge_heads %1 : tensor<?x2x?x2xf32>
      %3 = attn.gather_tokens %2, %r : tensor<?x?x4xf32>, tensor<?x?xi32>
          -> tensor<?x?x4xf32>
      return %2, %3 : tensor<?x?x4xf32>, tensor<?x?x4xf32>
    })",
      {floats({1, 2, 4}, {1, 2, 3, 4, 5, 6, 7, 8}), integers({1, 2}, {0, 1}),
       floats({1}, {std::acos(-1.0)}), integers({1, 2}, {-1, 1})});
  ASSERT_EQ(found.size(), 2u) << message;
  // Half a turn at position 1.
  Values wanted = {2, 4, 6, 8, -10, -12, -14, -16};
  for (size_t i = 0; i < wanted.size(); ++i)
    EXPECT_NEAR(found[0].data[i], wanted[i], 5e-6) << i;
  EXPECT_EQ(found[1].row(0)[0], 0);
  EXPECT_EQ(found[1].row(1)[0], found[0].row(1)[0]);
}

TEST_F(BlockEvalTest, RefusesSizesThatDiffer) {
  evaluate(R"(
    func.func @f(%x: tensor<?x1x?x2xf32>, %p: tensor<?x?xi32>,
                 %f: tensor<1xf32>) {
      %0 = attn.rotary %x, %p, %f amplitude(2.0)
          : tensor<?x1x?x2xf32>, tensor<?x?xi32>, tensor<1xf32>
      return
    })",
           {floats({1, 1, 2, 2}, {1, 2, 3, 4}), integers({1, 1}, {0}),
            floats({1}, {1})});
  EXPECT_EQ(message, "'attn.rotary' op found an input of shape 1x1x2x2 with "
                     "positions or rows of shape 1x1");
  evaluate(R"(
    func.func @f(%x: tensor<?x1x?x2xf32>, %p: tensor<?x?xi32>) {
      %0 = attn.attention %x keys(%x : tensor<?x1x?x2xf32>)
          values(%x : tensor<?x1x?x2xf32>)
          at(%p to %p : tensor<?x?xi32> to tensor<?x?xi32>)
          mask<causal> scale(1.0) : tensor<?x1x?x2xf32> -> tensor<?x1x?x2xf32>
      return
    })",
           {floats({1, 1, 2, 2}, {1, 2, 3, 4}), integers({1, 1}, {0})});
  EXPECT_EQ(message, "'attn.attention' op found an operand of shape 1x1, "
                     "wanted 1 sequences and 2 entries");
}

TEST_F(BlockEvalTest, FeedForwardTakesActivationAndGate) {
  std::string text = R"(
    func.func @f(%x: tensor<?x?x1xf32>, %u: tensor<1x1xf32>)
        -> (tensor<?x?x1xf32>, tensor<?x?x1xf32>) {
      %0 = attn.ffn KIND %x, %u, %u
          : tensor<?x?x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
      %1 = attn.ffn KIND %x, %u, %u gate(%u : tensor<1x1xf32>)
          : tensor<?x?x1xf32>, tensor<1x1xf32>, tensor<1x1xf32>
      return %0, %1 : tensor<?x?x1xf32>, tensor<?x?x1xf32>
    })";
  std::pair<std::string, double> kinds[] = {{"silu", 0.7310585786300049},
                                            {"gelu", 0.8413447460685429},
                                            {"gelu_tanh", 0.8411919906082768},
                                            {"relu", 1}};
  for (auto &[kind, wanted] : kinds) {
    std::string filled = text;
    for (size_t at; (at = filled.find("KIND")) != std::string::npos;)
      filled.replace(at, 4, kind);
    auto found =
        evaluate(filled, {floats({1, 1, 1}, {1}), floats({1, 1}, {1})});
    ASSERT_EQ(found.size(), 2u) << message;
    EXPECT_NEAR(found[0].data[0], wanted, 1e-7) << kind;
    EXPECT_NEAR(found[1].data[0], wanted, 1e-7) << kind;
  }
}

} // namespace
} // namespace heed
