//===- MatVecTest.cpp - Products in decode --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

class MatVec : public testing::TestWithParam<const char *> {};

/// One row, fewer rows than a block has, and more.
TEST_P(MatVec, AnyBatch) {
  StepModule step(GetParam(), 600);
  step.addWeight("w", {70, 600}, 0.05f);
  step.addWeight("b", {70});
  step.expectSame("%out = attn.linear %h, %w bias(%b : tensor<70x$T>)"
                  " : $H, tensor<70x600x$T> -> tensor<?x?x70x$T>",
                  70, {decode(1), decode(3), decode(8), decode(19)});
}

TEST_P(MatVec, SplitsHeadsAndAdds) {
  StepModule step(GetParam(), 24);
  step.addWeight("w", {210, 24});
  step.expectSame(R"(
    %y = attn.linear %h, %w : $H, tensor<210x24x$T> -> tensor<?x?x210x$T>
    %z = arith.addf %y, %y : tensor<?x?x210x$T>
    %s = attn.split_heads %z 3 : tensor<?x?x210x$T>
    %m = arith.mulf %s, %s : tensor<?x3x?x70x$T>
    %out = attn.merge_heads %m : tensor<?x3x?x70x$T>)",
                  210, {decode(1), decode(9)});
}

INSTANTIATE_TEST_SUITE_P(Types, MatVec, testing::Values("f32", "bf16"));

} // namespace
