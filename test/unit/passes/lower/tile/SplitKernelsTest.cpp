//===- SplitKernelsTest.cpp - Divided kernels compute the same ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Attention in decode, which for GPUs is divided over programs, against the
/// reference. The emulated GPU has 7 multiprocessors, so that one, two, four
/// and eight programs are divided into 21, 10, 5 and 2 parts.
///
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"
#include "passes/pipelines/Compile.h"
#include "test/unit/passes/lower/AttentionModule.h"

#include "dialects/tile/Tile.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

/// Empty caches; lengths from one key to more steps than there are parts.
TEST(SplitKernels, GroupsOfAllSizes) {
  for (const char *type : {"f32", "bf16"})
    for (auto [queries, keys] :
         {std::pair<int64_t, int64_t>{2, 2}, {4, 1}, {8, 1}, {24, 1}}) {
      AttentionOptions options;
      options.queryHeads = queries;
      options.keyHeads = keys;
      SCOPED_TRACE(std::string(type) + ", " + std::to_string(queries));
      expectAttention(
          type, options,
          {decode(2), decode(2), prefill(2, 70), decode(2), decode(1)}, 80);
    }
}

TEST(SplitKernels, MoreStepsThanParts) {
  for (const char *type : {"f32", "bf16"})
    expectAttention(type, {}, {prefill(2, 300), decode(2), decode(1)}, 310);
}

/// Three programs in seven parts each, ten in two, twenty in one, which stores
/// nothing but results.
TEST(SplitKernels, ProgramsOfFewParts) {
  AttentionOptions options;
  for (const char *type : {"f32", "bf16"})
    for (int64_t heads : {1, 2, 4}) {
      options.keyHeads = heads;
      expectAttention(type, options, {prefill(5, 40), decode(3), decode(5)});
    }
}

/// Sequences of 3, 40, 0 and 17 tokens.
TEST(SplitKernels, RaggedLengths) {
  std::vector<int32_t> positions(4 * 40, -1);
  for (auto [sequence, length] :
       {std::pair<int64_t, int64_t>{0, 3}, {1, 40}, {3, 17}})
    for (int64_t i = 0; i < length; ++i)
      positions[40 * sequence + i] = static_cast<int32_t>(i);
  StepPlan some = decode(2);
  some.slots = {2, 1};
  for (const char *type : {"f32", "bf16"})
    expectAttention(type, {}, {prefill(4, 40, positions), decode(4), some});
}

/// Most parts visit nothing; of a ring, those that do are any.
TEST(SplitKernels, WindowsWithSinks) {
  AttentionOptions options;
  options.mask = "<causal, window = 20, sinks = 3>";
  for (const char *rate : {"token", "ring(20, sinks 3)"}) {
    options.rate = rate;
    for (const char *type : {"f32", "bf16"})
      expectAttention(type, options,
                      {prefill(2, 90), decode(2), decode(2), decode(1)}, 110);
  }
}

/// Numerator, maximum and sum are stored, not the quotient.
TEST(SplitKernels, Partial) {
  StepModule step("f32", 24);
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %a, %la = attn.attention %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(0.5)
        : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>, tensor<?x3x?xf32>
    %o, %lo = attn.merge outputs(%a, %a) lse(%la, %la)
        : tensor<?x3x?x8xf32>, tensor<?x3x?xf32>
    %out = attn.merge_heads %o : tensor<?x3x?x8x$T>)",
                  24, {prefill(2, 9), decode(2)});
}

/// Heads as wide as those of large models, with rings of whole pieces.
TEST(SplitKernels, WideHeads) {
  for (std::string type : {"f32", "bf16"}) {
    StepModule step(type, 24);
    step.addWeight("wq", {512, 24});
    step.addWeight("wk", {128, 24});
    step.addCache("k : token 1x128x$T, v : token 1x128x$T");
    std::string text = R"(
      %q0 = attn.linear %h, %wq : $H, tensor<512x24x$T> -> tensor<?x?x512x$T>
      %k0 = attn.linear %h, %wk : $H, tensor<128x24x$T> -> tensor<?x?x128x$T>
      %q = attn.split_heads %q0 4 : tensor<?x?x512x$T>
      %k = attn.split_heads %k0 1 : tensor<?x?x128x$T>
      %kc, %vc, %pc = attn.cache_read %c0 : $C -> $K, $K, tensor<?x?xi32>
      %o = attn.attention %q keys(%kc, %k : $K, $K) values(%vc, %k : $K, $K)
          at(%pos to %pc, %pos
             : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
          mask<causal> scale(0.2) : tensor<?x4x?x128x$T> -> tensor<?x4x?x128x$T>
      %e0 = attn.cache_append %c0, %pos, %k, %k : $C, $K, $K
      %out = attn.merge_heads %o : tensor<?x4x?x128x$T>)";
    for (auto [key, value] :
         {std::pair<std::string, std::string>{
              "$C", "!attn.cache<[k : token 1x128x$T, v : token 1x128x$T]>"},
          {"$K", "tensor<?x1x?x128x$T>"}})
      for (size_t at = 0; (at = text.find(key, at)) != std::string::npos;)
        text.replace(at, key.size(), value);
    step.expectSame(text, 512, {prefill(2, 150), decode(2), decode(1)}, 160);
  }
}

/// Of the kernels of a step, that of attention in decode has parts.
TEST(SplitKernels, OnlyDecodeOnlyForGpus) {
  StepModule step("f32", 24);
  std::string text = step.write(R"(
    %s = attn.split_heads %h 3 : $H
    %a = attn.attention %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(0.5) : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>
    %out = attn.merge_heads %a : tensor<?x3x?x8x$T>)",
                                24);
  DialectRegistry registry;
  registerAllDialects(registry);
  MLIRContext context(registry, MLIRContext::Threading::DISABLED);
  for (bool isGpu : {false, true}) {
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    PassManager manager(&context);
    buildLowerPipeline(manager, isGpu ? "sm_80" : "cpu");
    ASSERT_TRUE(module && succeeded(manager.run(*module)));
    int64_t divided = 0, kernels = 0;
    for (auto kernel : module->getOps<tile::KernelOp>()) {
      kernels += kernel.getSymName().contains("attention");
      kernel.walk([&](tile::FinishOp) { ++divided; });
    }
    EXPECT_EQ(divided, isGpu ? 1 : 0);
    EXPECT_EQ(kernels, 2);
  }
}

} // namespace
