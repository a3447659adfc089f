//===- MatMulTest.cpp - Products in prefill -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

class MatMul : public testing::TestWithParam<const char *> {};

/// No size is a multiple of a block: 70 tokens, depth 150, 90 columns.
TEST_P(MatMul, RaggedWithBias) {
  StepModule step(GetParam(), 150);
  step.addWeight("w", {90, 150}, 0.1f);
  step.addWeight("b", {90});
  step.expectSame(
      "%out = attn.linear %h, %w bias(%b : tensor<90x$T>)"
      " : $H, tensor<90x150x$T> -> tensor<?x?x90x$T>",
      90, {prefill(1, 70), prefill(3, 5), prefill(2, 8), prefill(2, 9)}, 100);
}

/// Columns of a head are not a multiple of a block either.
TEST_P(MatMul, StoresHeadsWhereTheyBelong) {
  StepModule step(GetParam(), 24);
  step.addWeight("w", {210, 24});
  step.expectSame(R"(
    %y = attn.linear %h, %w : $H, tensor<210x24x$T> -> tensor<?x?x210x$T>
    %s = attn.split_heads %y 3 : tensor<?x?x210x$T>
    %m = arith.mulf %s, %s : tensor<?x3x?x70x$T>
    %out = attn.merge_heads %m : tensor<?x3x?x70x$T>)",
                  210, {prefill(2, 9)});
}

TEST_P(MatMul, TakesHeadsAsRows) {
  StepModule step(GetParam(), 24);
  step.addWeight("w", {10, 8});
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %y = attn.linear %s, %w : tensor<?x3x?x8x$T>, tensor<10x8x$T>
        -> tensor<?x3x?x10x$T>
    %out = attn.merge_heads %y : tensor<?x3x?x10x$T>)",
                  30, {prefill(2, 9), decode(2), decode(1)});
}

INSTANTIATE_TEST_SUITE_P(Types, MatMul, testing::Values("f32", "bf16"));

} // namespace
