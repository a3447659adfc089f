//===- DenseAttentionTest.cpp - Softmax attention in both phases ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/AttentionModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

/// More queries and keys than a block has, in chunks, then one by one.
TEST(DenseAttention, CausalInChunks) {
  for (const char *type : {"f32", "bf16"})
    expectAttention(type, {},
                    {prefill(2, 70), prefill(2, 1), prefill(2, 5), decode(2),
                     decode(1), decode(2)},
                    160);
}

/// Heads that have the template for Hopper: keys of the cache and of the step,
/// each with their positions, of which some are padding.
TEST(DenseAttention, WideHeadsInChunks) {
  AttentionOptions options;
  for (int64_t width : {64, 128}) {
    options.width = width;
    expectAttention("bf16", options,
                    {prefill(2, 150),
                     prefill(2, 3, {150, -1, 151, -1, 150, 151}), decode(2),
                     prefill(1, 140), decode(2)},
                    300);
  }
}

TEST(DenseAttention, WideHeadsInAWindow) {
  AttentionOptions options;
  options.width = 64;
  options.rate = "ring(40, sinks 2)";
  options.mask = "<causal, window = 40, sinks = 2>";
  expectAttention("bf16", options,
                  {prefill(2, 30), prefill(2, 50), decode(2), prefill(1, 20)},
                  200);
}

TEST(DenseAttention, OneKeyHeadForAllQueries) {
  AttentionOptions options;
  options.keyHeads = 1;
  expectAttention("f32", options, {prefill(2, 9), decode(2)});
}

TEST(DenseAttention, AsManyKeyHeadsAsQueryHeads) {
  AttentionOptions options;
  options.keyHeads = 4;
  expectAttention("f32", options, {prefill(2, 9), decode(2)});
}

TEST(DenseAttention, UnequalLengthsWithPadding) {
  expectAttention("f32", {},
                  {prefill(3, 4, {-1, -1, 0, 1, 0, 1, 2, 3, -1, -1, -1, -1}),
                   decode(3), prefill(3, 2, {3, 4, -1, 5, 1, 2}), decode(3)});
}

/// Slots in another order, and only some of them.
TEST(DenseAttention, ChosenSlots) {
  StepPlan first = prefill(3, 5), second = decode(2), third = decode(1);
  first.slots = {2, 0, 1};
  second.slots = {1, 2};
  third.slots = {2};
  expectAttention("f32", {}, {first, second, third, second});
}

TEST(DenseAttention, Softcap) {
  AttentionOptions options;
  options.tail = "softcap(3.0)";
  expectAttention("f32", options, {prefill(2, 9), decode(2)});
}

/// Uses every argument of the region: a slope per head and sequence.
TEST(DenseAttention, ScoreRegion) {
  AttentionOptions options;
  options.tail = R"(score {
    ^bb0(%x: f32, %b: index, %hd: index, %qp: i32, %kp: i32):
      %small = arith.constant 0.03125 : f32
      %one = arith.constant 1 : index
      %h1 = arith.addi %hd, %one : index
      %h2 = arith.muli %h1, %b : index
      %h3 = arith.addi %h2, %h1 : index
      %h4 = arith.index_cast %h3 : index to i32
      %slope = arith.sitofp %h4 : i32 to f32
      %d = arith.subi %kp, %qp : i32
      %df = arith.sitofp %d : i32 to f32
      %s0 = arith.mulf %df, %slope : f32
      %s1 = arith.mulf %s0, %small : f32
      %s2 = arith.addf %x, %s1 : f32
      attn.yield %s2 : f32
    })";
  expectAttention("f32", options, {prefill(2, 9), decode(2)});
}

TEST(DenseAttention, EncoderWithoutPositions) {
  StepModule step("f32", 24);
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %o = attn.attention %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>) mask<> scale(0.5)
        : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>
    %out = attn.merge_heads %o : tensor<?x3x?x8x$T>)",
                  24, {prefill(2, 9), prefill(1, 70)}, 160);
}

/// Only the numerator has a user that a kernel can be written for.
TEST(DenseAttention, Numerator) {
  StepModule step("f32", 24);
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %n, %m, %l = attn.attention_partial %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(0.5) : tensor<?x3x?x8x$T>
        -> tensor<?x3x?x8xf32>, tensor<?x3x?xf32>, tensor<?x3x?xf32>
    %out = attn.merge_heads %n : tensor<?x3x?x8xf32>)",
                  24, {prefill(2, 9), decode(2)});
}

} // namespace
