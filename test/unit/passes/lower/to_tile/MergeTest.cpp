//===- MergeTest.cpp - Attention over a union of key sets -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

/// Log-sum-exps leave attention as a second result; padding sees nothing. The
/// joint log-sum-exp is merged again.
TEST(Merge, OfMerges) {
  StepModule step("f32", 24);
  step.expectSame(
      R"(
    %s = attn.split_heads %h 3 : $H
    %a, %la = attn.attention %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(0.5)
        : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>, tensor<?x3x?xf32>
    %b, %lb = attn.attention %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal, window = 3> scale(0.25)
        : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>, tensor<?x3x?xf32>
    %o, %lo = attn.merge outputs(%a, %b) lse(%la, %lb)
        : tensor<?x3x?x8xf32>, tensor<?x3x?xf32>
    %o2, %lo2 = attn.merge outputs(%o, %b, %a) lse(%lo, %lb, %la)
        : tensor<?x3x?x8xf32>, tensor<?x3x?xf32>
    %out = attn.merge_heads %o2 : tensor<?x3x?x8x$T>)",
      24,
      {prefill(2, 9, {0, 1, 2, 3, 4, 5, 6, 7, 8, -1, -1, 0, 1, 2, 3, 4, 5, 6}),
       decode(2)});
}

} // namespace
