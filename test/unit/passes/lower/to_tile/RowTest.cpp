//===- RowTest.cpp - Norms and elementwise groups -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

class Row : public testing::TestWithParam<const char *> {};

/// A row is wider than a piece and no multiple of one.
TEST_P(Row, RmsNorm) {
  StepModule step(GetParam(), 300);
  step.addWeight("w", {300});
  step.expectSame("%out = attn.norm rms %h, %w epsilon(1.0e-3)"
                  " : $H, tensor<300x$T>",
                  300, {prefill(2, 11), decode(2)});
}

TEST_P(Row, LayerNorm) {
  StepModule step(GetParam(), 300);
  step.addWeight("w", {300});
  step.addWeight("b", {300});
  step.expectSame("%out = attn.norm layer %h, %w bias(%b : tensor<300x$T>)"
                  " epsilon(1.0e-3) : $H, tensor<300x$T>",
                  300, {prefill(2, 11), decode(2)});
}

TEST_P(Row, NormOfHeads) {
  StepModule step(GetParam(), 24);
  step.addWeight("w", {8});
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %n = attn.norm rms %s, %w epsilon(1.0e-6) : tensor<?x3x?x8x$T>,
        tensor<8x$T>
    %out = attn.merge_heads %n : tensor<?x3x?x8x$T>)",
                  24, {prefill(2, 11), decode(2)});
}

/// No root: sums of two embeddings of the step.
TEST_P(Row, Elementwise) {
  StepModule step(GetParam(), 24);
  step.addWeight("v", {13, 24});
  step.addWeight("w", {24});
  step.expectSame(R"(
    %g = attn.embed %v, %ids : tensor<13x24x$T>, tensor<?x?xi32> -> $H
    %n = attn.norm rms %g, %w epsilon(1.0e-6) : $H, tensor<24x$T>
    %m = attn.norm rms %h, %w epsilon(1.0e-6) : $H, tensor<24x$T>
    %a = arith.maximumf %g, %h : $H
    %b = arith.addf %n, %m : $H
    %out = arith.subf %a, %b : $H)",
                  24, {prefill(2, 11), decode(2)});
}

INSTANTIATE_TEST_SUITE_P(Types, Row, testing::Values("f32", "bf16"));

} // namespace
