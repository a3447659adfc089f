//===- EpilogueTest.cpp - What follows a group's root ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

class Epilogue : public testing::TestWithParam<const char *> {};

/// Activation, gate and residual join the linears of a feed-forward block.
TEST_P(Epilogue, FeedForward) {
  StepModule step(GetParam(), 24);
  step.addWeight("up", {70, 24});
  step.addWeight("gate", {70, 24});
  step.addWeight("down", {24, 70}, 0.2f);
  step.expectSame(R"(
    %a = attn.ffn silu %h, %up, %down gate(%gate : tensor<70x24x$T>)
        : $H, tensor<70x24x$T>, tensor<24x70x$T>
    %out = arith.addf %a, %h : $H)",
                  24, {prefill(2, 9), decode(2)});
}

TEST(EpilogueOf, Activations) {
  for (const char *name : {"relu", "gelu", "gelu_tanh"}) {
    StepModule step("f32", 24);
    step.addWeight("up", {70, 24}, 2.0f);
    step.addWeight("down", {24, 70}, 0.2f);
    step.expectSame("%out = attn.ffn " + std::string(name) +
                        " %h, %up, %down : $H, tensor<70x24x$T>,"
                        " tensor<24x70x$T>",
                    24, {prefill(2, 9)});
  }
}

/// Compares, selects and integers of the same shape.
TEST_P(Epilogue, SelectsByComparison) {
  StepModule step(GetParam(), 24);
  step.addWeight("w", {24, 24});
  step.expectSame(R"(
    %y = attn.linear %h, %w : $H, tensor<24x24x$T> -> $H
    %c = arith.cmpf olt, %y, %h : $H
    %m = arith.mulf %y, %h : $H
    %out = arith.select %c, %y, %m : tensor<?x?x24xi1>, $H)",
                  24, {prefill(2, 9), decode(2)});
}

INSTANTIATE_TEST_SUITE_P(Types, Epilogue, testing::Values("f32", "bf16"));

} // namespace
