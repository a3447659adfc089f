//===- RotaryTest.cpp - Rotary position embedding -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

class Rotary : public testing::TestWithParam<const char *> {};

/// Part of a head turns, the rest passes; padding on the left; far positions.
TEST_P(Rotary, PartOfAHead) {
  StepModule step(GetParam(), 30);
  step.addNumbers("f", {1.0f, 0.3f, 0.01f});
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %r = attn.rotary %s, %pos, %f amplitude(1.25) : tensor<?x3x?x10x$T>,
        tensor<?x?xi32>, tensor<3xf32>
    %out = attn.merge_heads %r : tensor<?x3x?x10x$T>)",
                  30,
                  {prefill(2, 4, {-1, -1, 0, 1, 0, 1, 2, 3}),
                   prefill(2, 3, {5, 9, 1023, 100, 2000, 40000}), decode(2)});
}

INSTANTIATE_TEST_SUITE_P(Types, Rotary, testing::Values("f32", "bf16"));

} // namespace
