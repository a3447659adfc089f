//===- CostTest.cpp - Work and traffic of attn ops ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/dialects/EvalHarness.h"

using namespace mlir;

namespace heed {
namespace {

class CostTest : public EvalHarness {
protected:
  Counts count(StringRef text, const StepSizes &sizes) {
    module = parseSourceString<ModuleOp>(text, &context);
    EXPECT_TRUE(module) << message;
    return module ? countBelow(*module, sizes) : Counts();
  }

  /// Attention of 4 heads on 2 cached ones, width 8 and 8, bf16.
  Counts countAttention(StringRef cache, StringRef mask,
                        const StepSizes &sizes) {
    std::string text = "!c = !attn.cache<[k : " + cache.str() +
                       " 2x8xbf16, v : " + cache.str() + R"( 2x8xbf16]>
      func.func @f(%c: !c, %q: tensor<?x4x?x8xbf16>, %n: tensor<?x2x?x8xbf16>,
                   %p: tensor<?x?xi32>) {
        %k, %v, %pc = attn.cache_read %c : !c -> tensor<?x2x?x8xbf16>,
            tensor<?x2x?x8xbf16>, tensor<?x?xi32>
        %o = attn.attention %q
            keys(%k, %n : tensor<?x2x?x8xbf16>, tensor<?x2x?x8xbf16>)
            values(%v, %n : tensor<?x2x?x8xbf16>, tensor<?x2x?x8xbf16>)
            at(%p to %pc, %p
               : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>) )" +
                       mask.str() + R"( scale(1.0)
            : tensor<?x4x?x8xbf16> -> tensor<?x4x?x8xbf16>
        return
      })";
    return count(text, sizes);
  }
};

TEST_F(CostTest, LinearAndRows) {
  Counts counts = count(R"(
    func.func @f(%h: tensor<?x?x8xbf16>, %w: tensor<12x8xbf16>,
                 %b: tensor<12xbf16>, %r: tensor<?x?xi32>) {
      %0 = attn.linear %h, %w bias(%b : tensor<12xbf16>)
          : tensor<?x?x8xbf16>, tensor<12x8xbf16> -> tensor<?x?x12xf32>
      return
    })",
                        {/*batch=*/2, /*tokens=*/5, /*past=*/0, /*rows=*/1});
  EXPECT_EQ(counts.multiplyAdds, 2 * 5 * 96);
  EXPECT_EQ(counts.weightBytes, (96 + 12) * 2);
  EXPECT_EQ(counts.activationBytes, 2 * 5 * (8 * 2 + 12 * 4));
  counts = count(R"(
    func.func @f(%h: tensor<?x?x8xbf16>, %w: tensor<12x8xbf16>,
                 %r: tensor<?x?xi32>) {
      %g = attn.gather_tokens %h, %r : tensor<?x?x8xbf16>, tensor<?x?xi32>
          -> tensor<?x?x8xbf16>
      %0 = attn.linear %g, %w
          : tensor<?x?x8xbf16>, tensor<12x8xbf16> -> tensor<?x?x12xf32>
      return
    })",
                 {2, 5, 0, 1});
  EXPECT_EQ(counts.multiplyAdds, 2 * 1 * 96);
}

TEST_F(CostTest, WhatIsLeftOutCostsNothing) {
  count(R"(
    func.func @f(%h: tensor<?x?x8xf32>, %w: tensor<8x8xf32>, %b: i1) {
      %0 = attn.linear %h, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
          -> tensor<?x?x8xf32>
      %1 = attn.skip %b step (%x = %0) : (i1, tensor<?x?x8xf32>)
          -> tensor<?x?x8xf32> {
        %2 = attn.linear %x, %w : tensor<?x?x8xf32>, tensor<8x8xf32>
            -> tensor<?x?x8xf32>
        attn.yield %2 : tensor<?x?x8xf32>
      }
      return
    })",
        {});
  ASSERT_TRUE(module);
  EXPECT_EQ(countBelow(*module, {}).multiplyAdds, 2 * 64);
  auto isSkip = [](Operation *op) { return isa<attn::SkipOp>(op); };
  EXPECT_EQ(countBelow(*module, {}, isSkip).multiplyAdds, 64);
}

TEST_F(CostTest, FeedForward) {
  Counts counts = count(R"(
    func.func @f(%h: tensor<?x?x8xf32>, %u: tensor<12x8xf32>,
                 %d: tensor<8x12xf32>) {
      %0 = attn.ffn silu %h, %u, %d gate(%u : tensor<12x8xf32>)
          : tensor<?x?x8xf32>, tensor<12x8xf32>, tensor<8x12xf32>
      return
    })",
                        {1, 3, 0, 1});
  EXPECT_EQ(counts.multiplyAdds, 3 * 3 * 96);
  EXPECT_EQ(counts.weightBytes, 3 * 96 * 4);
}

TEST_F(CostTest, AttentionOnAllTokens) {
  // Three new tokens behind ten: 11 + 12 + 13 pairs a head.
  Counts counts = countAttention("token", "mask<causal>", {2, 3, 10, 1});
  EXPECT_EQ(counts.multiplyAdds, 2 * 4 * (11 + 12 + 13) * 16);
  EXPECT_EQ(counts.cacheBytesRead, 2 * 2 * 10 * 16 * 2);
}

TEST_F(CostTest, AWindowSavesWorkAndTraffic) {
  // Queries at 10, 11, 12 see 4 keys each; of the cache, 7 to 9.
  Counts counts =
      countAttention("token", "mask<causal, window = 4>", {1, 3, 10, 1});
  EXPECT_EQ(counts.multiplyAdds, 4 * 3 * 4 * 16);
  EXPECT_EQ(counts.cacheBytesRead, 2 * 3 * 16 * 2);
  Counts ring =
      countAttention("ring(4)", "mask<causal, window = 4>", {1, 3, 10, 1});
  EXPECT_EQ(ring.multiplyAdds, counts.multiplyAdds);
  EXPECT_EQ(ring.cacheBytesRead, counts.cacheBytesRead);
}

TEST_F(CostTest, ARingHasOnlyWhatItHolds) {
  // Sinks 0 and 1, last 3 to 9 of ten: 4 + 2 cached and 1 to 3 new keys.
  Counts counts =
      countAttention("ring(4, sinks 2)", "mask<causal>", {1, 3, 10, 1});
  EXPECT_EQ(counts.multiplyAdds, 4 * (7 + 8 + 9) * 16);
  EXPECT_EQ(counts.cacheBytesRead, 2 * 6 * 16 * 2);
}

TEST_F(CostTest, WithoutPositionsTheLastAreAligned) {
  Counts counts = count(R"(
    func.func @f(%q: tensor<1x2x3x8xf32>, %k: tensor<1x2x5x8xf32>) {
      %o = attn.attention %q keys(%k : tensor<1x2x5x8xf32>)
          values(%k : tensor<1x2x5x8xf32>) mask<causal> scale(1.0)
          : tensor<1x2x3x8xf32> -> tensor<1x2x3x8xf32>
      return
    })",
                        {});
  EXPECT_EQ(counts.multiplyAdds, 2 * (3 + 4 + 5) * 16);
  EXPECT_EQ(counts.cacheBytesRead, 0);
}

} // namespace
} // namespace heed
