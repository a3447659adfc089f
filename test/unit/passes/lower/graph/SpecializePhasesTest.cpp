//===- SpecializePhasesTest.cpp - Layers that one phase skips -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

/// A layer, cache and all, that decode passes by; `$P` is the phase.
constexpr const char *body = R"(
  %d = attn.in_phase $P
  %out, %e0 = attn.skip %d phase (%x = %h, %c = %c0)
      : (i1, $H, !attn.cache<[k : $R 3x8x$T]>)
      -> ($H, !attn.cache<[k : $R 3x8x$T]>) {
    %y, %n = attn.layer 5 "decoder" (%lx = %x, %lc = %c)
        : ($H, !attn.cache<[k : $R 3x8x$T]>)
        -> ($H, !attn.cache<[k : $R 3x8x$T]>) {
      %s = attn.split_heads %lx 3 : $H
      %kc, %pc = attn.cache_read %lc : !attn.cache<[k : $R 3x8x$T]>
          -> tensor<?x3x?x8x$T>, tensor<?x?xi32>
      %o = attn.attention %s keys(%kc, %s : tensor<?x3x?x8x$T>,
                                            tensor<?x3x?x8x$T>)
          values(%kc, %s : tensor<?x3x?x8x$T>, tensor<?x3x?x8x$T>)
          at(%pos to %pc, %pos
             : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
          mask<causal> scale(0.5) : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>
      %a = attn.cache_append %lc, %pos, %s : !attn.cache<[k : $R 3x8x$T]>,
          tensor<?x3x?x8x$T>
      %m = attn.merge_heads %o : tensor<?x3x?x8x$T>
      %r = arith.addf %lx, %m : $H
      attn.yield %r, %a : $H, !attn.cache<[k : $R 3x8x$T]>
    }
    attn.yield %y, %n : $H, !attn.cache<[k : $R 3x8x$T]>
  })";

std::string fill(std::string phase, std::string rate) {
  std::string text = body;
  for (size_t at; (at = text.find("$P")) != std::string::npos;)
    text.replace(at, 2, phase);
  for (size_t at; (at = text.find("$R")) != std::string::npos;)
    text.replace(at, 2, rate);
  return text;
}

TEST(SpecializePhases, SkippedInDecode) {
  StepModule step("f32", 24);
  step.addCache("k : token 3x8x$T");
  step.expectSame(fill("decode", "token"), 24,
                  {prefill(2, 5), prefill(2, 3), decode(2), decode(2)});
}

/// Prefill again behind decode sees its own tokens only.
TEST(SpecializePhases, SkippedInPrefill) {
  StepModule step("f32", 24);
  step.addCache("k : token 3x8x$T");
  step.expectSame(
      fill("prefill", "token"), 24,
      {prefill(2, 5), decode(2), decode(2), prefill(2, 3), decode(2)});
}

} // namespace
