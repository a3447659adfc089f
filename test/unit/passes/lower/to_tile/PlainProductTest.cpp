//===- PlainProductTest.cpp - Products in a library -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

/// A step of 130 tokens, whose 13 logits for each no library computes.
class PlainProduct : public testing::Test {
protected:
  PlainProduct() : step("bf16", 24) {
    step.addWeight("w", {40, 24});
    step.addWeight("gate", {40, 24});
    step.addWeight("u", {24, 40});
    step.addWeight("v", {24, 40});
    step.addWeight("b", {40});
  }
  int64_t run(llvm::StringRef body, int64_t width) {
    return step.expectSameWithLibrary(body, width,
                                      {prefill(1, 130), prefill(2, 130)});
  }

  StepModule step;
};

TEST_F(PlainProduct, Bias) {
  EXPECT_EQ(run(R"(
    %out = attn.linear %h, %w bias(%b : tensor<40x$T>)
        : $H, tensor<40x24x$T> -> tensor<?x?x40x$T>)",
                40),
            2);
}

TEST_F(PlainProduct, ResidualOnEitherSide) {
  EXPECT_EQ(run(R"(
    %x = attn.linear %h, %w : $H, tensor<40x24x$T> -> tensor<?x?x40x$T>
    %y = attn.linear %x, %v : tensor<?x?x40x$T>, tensor<24x40x$T> -> $H
    %z = arith.addf %y, %h : $H
    %y2 = attn.linear %x, %u : tensor<?x?x40x$T>, tensor<24x40x$T> -> $H
    %out = arith.addf %z, %y2 : $H)",
                24),
            6);
}

/// Of two sequences, each is a call.
TEST_F(PlainProduct, Heads) {
  EXPECT_EQ(run(R"(
    %y = attn.linear %h, %w : $H, tensor<40x24x$T> -> tensor<?x?x40x$T>
    %s = attn.split_heads %y 5 : tensor<?x?x40x$T>
    %m = arith.mulf %s, %s : tensor<?x5x?x8x$T>
    %out = attn.merge_heads %m : tensor<?x5x?x8x$T>)",
                40),
            3);
}

/// The activation is a kernel of its own, which the gate and what it opens
/// share.
TEST_F(PlainProduct, GatedFfn) {
  EXPECT_EQ(run(R"(
    %y = attn.ffn silu %h, %w, %v gate(%gate : tensor<40x24x$T>)
        : $H, tensor<40x24x$T>, tensor<24x40x$T>
    %out = arith.addf %h, %y : $H)",
                24),
            6);
}

/// What no library is asked for: heads with a bias, narrow heads.
TEST_F(PlainProduct, KernelsAlone) {
  EXPECT_EQ(run(R"(
    %y = attn.linear %h, %w bias(%b : tensor<40x$T>)
        : $H, tensor<40x24x$T> -> tensor<?x?x40x$T>
    %s = attn.split_heads %y 5 : tensor<?x?x40x$T>
    %out = attn.merge_heads %s : tensor<?x5x?x8x$T>)",
                40),
            0);
  EXPECT_EQ(run(R"(
    %y = attn.linear %h, %w : $H, tensor<40x24x$T> -> tensor<?x?x40x$T>
    %s = attn.split_heads %y 10 : tensor<?x?x40x$T>
    %out = attn.merge_heads %s : tensor<?x10x?x4x$T>)",
                40),
            0);
}

TEST_F(PlainProduct, SinglePrecisionIsTheKernels) {
  StepModule single("f32", 24);
  single.addWeight("w", {40, 24});
  EXPECT_EQ(single.expectSameWithLibrary(
                "%out = attn.linear %h, %w : $H, tensor<40x24x$T>"
                " -> tensor<?x?x40x$T>",
                40, {prefill(1, 130)}),
            0);
}

} // namespace
