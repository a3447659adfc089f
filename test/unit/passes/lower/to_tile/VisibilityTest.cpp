//===- VisibilityTest.cpp - Masks by position -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/AttentionModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

class Visibility : public testing::Test {
protected:
  /// Long enough for several blocks of keys, and for a ring to wrap around.
  static std::vector<StepPlan> makeLongPlans() {
    return {prefill(2, 150), prefill(2, 3), decode(2), prefill(2, 40),
            decode(2),       decode(2),     decode(1)};
  }
  static void expectMask(const char *mask, const char *rate = "token",
                         const char *type = "f32") {
    AttentionOptions options;
    options.mask = mask;
    options.rate = rate;
    expectAttention(type, options, makeLongPlans(), 256);
  }
};

TEST_F(Visibility, Window) { expectMask("<causal, window = 20>"); }

TEST_F(Visibility, WindowWithSinks) {
  expectMask("<causal, window = 20, sinks = 3>");
}

TEST_F(Visibility, RingWrapsAround) {
  expectMask("<causal, window = 20>", "ring(20)");
}

TEST_F(Visibility, RingWithSinksWrapsAround) {
  for (const char *type : {"f32", "bf16"})
    expectMask("<causal, window = 20, sinks = 3>", "ring(20, sinks 3)", type);
}

TEST_F(Visibility, WindowPerHead) {
  expectMask("<causal, window = [20, 1, 7, 300], sinks = [0, 2, 4, 0]>");
}

TEST_F(Visibility, Prefix) { expectMask("<causal, prefix = 30>"); }

TEST_F(Visibility, PrefixAndWindow) {
  expectMask("<causal, window = 5, prefix = [30, 2, 0, 10]>");
}

/// Positions with gaps, and padding in the middle.
TEST_F(Visibility, GapsAndPadding) {
  AttentionOptions options;
  options.mask = "<causal, window = 6, sinks = 1>";
  expectAttention("f32", options,
                  {prefill(2, 6, {0, 3, -1, 4, 20, 21, -1, 1, 5, 6, -1, 9}),
                   prefill(2, 3, {25, -1, 26, 10, 30, -1}), decode(2)});
}

/// The ids are the segments: only equal tokens see each other.
TEST_F(Visibility, Segments) {
  StepModule step("f32", 24);
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %o = attn.attention %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        segments(%ids to %ids : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal, segments> scale(0.5)
        : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>
    %out = attn.merge_heads %o : tensor<?x3x?x8x$T>)",
                  24, {prefill(2, 40), decode(2)});
}

} // namespace
