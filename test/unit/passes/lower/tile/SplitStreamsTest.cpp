//===- SplitStreamsTest.cpp - Divided streams compute the same ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Whole numbers, which no order of additions changes, must come out equal;
/// attention must agree with the reference as closely as when it is not
/// divided.
///
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"
#include "passes/lower/Passes.h"
#include "test/unit/passes/lower/AttentionModule.h"
#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include "mlir/Parser/Parser.h"
#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

class SplitStreams : public testing::TestWithParam<int64_t> {
protected:
  /// Returns `text` with its streams divided.
  static std::string split(const std::string &text) {
    DialectRegistry registry;
    registerAllDialects(registry);
    MLIRContext context(registry, MLIRContext::Threading::DISABLED);
    OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(text, &context);
    PassManager manager(&context);
    SplitStreamsPassOptions options;
    options.parts = GetParam();
    manager.addPass(createSplitStreamsPass(options));
    EXPECT_TRUE(module && succeeded(manager.run(*module)));
    std::string result;
    llvm::raw_string_ostream(result) << *module;
    return result;
  }
};

/// Per column the sum of the marked rows of 8, the first one a hundredfold,
/// and the number of the last marked row; -1 where there is none.
const char *const kMarked = R"(
  !x = memref<?xi32, strided<[1], offset: ?>>
  tile.kernel @marked(%x: memref<?xi32>, %mark: memref<?xi32>,
                      %sums: memref<?xi32>, %last: memref<?xi32>,
                      %lower: index, %upper: index, %step: index) grid(1) {
    %c0 = arith.constant 0 : index
    %c8 = arith.constant 8 : index
    %none = arith.constant 0 : i32
    %no = arith.constant -1 : i32
    %hundred = arith.constant dense<100> : tensor<8xi32>
    %zero = arith.constant dense<0> : tensor<8xi32>
    %end = arith.muli %upper, %c8 : index
    %xv = tile.view %x[%c0] sizes [%end] strides [1] : memref<?xi32> to !x
    %sv = tile.view %sums[%c0] sizes [%c8] strides [1] : memref<?xi32> to !x
    %s, %l = tile.stream (%lower to %upper step %step)
        carry(%zero, %no : tensor<8xi32>, i32)
    where (%i: index) {
      %m = memref.load %mark[%i] : memref<?xi32>
      %visit = arith.cmpi ne, %m, %none : i32
      tile.yield %visit : i1
    }
    load (%i: index) {
      %at = arith.muli %i, %c8 : index
      %t = tile.load %xv[%at] : !x -> tensor<8xi32>
      tile.yield %t : tensor<8xi32>
    }
    body (%i: index, %t: tensor<8xi32>, %a: tensor<8xi32>, %b: i32) {
      %first = arith.cmpi eq, %i, %lower : index
      %u = scf.if %first -> tensor<8xi32> {
        %much = arith.muli %t, %hundred : tensor<8xi32>
        scf.yield %much : tensor<8xi32>
      } else {
        scf.yield %t : tensor<8xi32>
      }
      %c = arith.addi %a, %u : tensor<8xi32>
      %i32 = arith.index_cast %i : index to i32
      %d = arith.maxsi %b, %i32 : i32
      tile.yield %c, %d : tensor<8xi32>, i32
    }
    combine (%a0: tensor<8xi32>, %b0: i32, %a1: tensor<8xi32>, %b1: i32) {
      %c = arith.addi %a0, %a1 : tensor<8xi32>
      %d = arith.maxsi %b0, %b1 : i32
      tile.yield %c, %d : tensor<8xi32>, i32
    }
    tile.store %s, %sv[%c0] : tensor<8xi32>, !x
    memref.store %l, %last[%c0] : memref<?xi32>
    tile.return
  })";

TEST_P(SplitStreams, WholeNumbersComeOutEqual) {
  test::Kernels kernels(split(kMarked), "x86-64-v3");
  constexpr int64_t rows = 23;
  std::vector<int32_t> x(rows * 8), mark(rows);
  for (int64_t i = 0; i < rows * 8; ++i)
    x[i] = int32_t(i * i + 1);
  for (int64_t i = 0; i < rows; ++i)
    mark[i] = i % 4 != 2; // one part of four visits nothing
  for (int64_t lower : {0, 1, 2, 22, 23})
    for (int64_t upper : {0, 3, 4, 5, 23})
      for (int64_t step : {1, 3}) {
        std::vector<int32_t> sums(8, 7), last(1, 7), want(8);
        int32_t wantLast = -1;
        for (int64_t i = lower; i < upper; i += step) {
          if (!mark[i])
            continue;
          wantLast = int32_t(i);
          for (int64_t c = 0; c < 8; ++c)
            want[c] += x[i * 8 + c] * (i == lower ? 100 : 1);
        }
        kernels.run("marked", {x, mark, sums, last, lower, upper, step}, 1);
        EXPECT_EQ(sums, want) << lower << " " << upper << " " << step;
        EXPECT_EQ(last[0], wantLast) << lower << " " << upper << " " << step;
      }
}

/// The listed blocks of a tile, divided and not; one list is shorter than there
/// are parts. The limit is that of the undivided kernel against loops.
TEST_P(SplitStreams, ListedBlocks) {
  std::string text = test::readTest("dialects/tile/forms.mlir");
  test::Kernels divided(split(text), "x86-64-v3"), whole(text, "x86-64-v3");
  constexpr int64_t n = 300, limit = 5;
  std::vector<uint16_t> q, k, v;
  for (auto [numbers, seed] : {std::pair(&q, 1), {&k, 2}, {&v, 3}})
    *numbers = test::toBF16(test::randomFloats(n * 64, seed));
  std::vector<int32_t> count{1, 2, 3, 5, 2};
  std::vector<int32_t> list{4, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 2, 4,
                            0, 0, 0, 1, 2, 3, 4, 2, 4, 0, 0, 0};
  std::vector<float> found(n * 64), wanted(n * 64);
  divided.run("listed", {q, k, v, found, count, list, n, limit}, 5);
  whole.run("listed", {q, k, v, wanted, count, list, n, limit}, 5);
  EXPECT_LT(test::relativeError(found, {wanted.begin(), wanted.end()}), 4e-3);
}

/// Chunks behind a cache of 0, 70, 75 and 225 keys: from no to four blocks, of
/// which the last is ragged, so that parts are empty.
TEST_P(SplitStreams, AttentionOverACache) {
  AttentionOptions options;
  options.parts = GetParam();
  for (const char *type : {"f32", "bf16"})
    expectAttention(
        type, options,
        {prefill(2, 70), prefill(2, 5), prefill(2, 150), decode(2), decode(1)},
        300);
}

/// Blocks behind the window are not visited; a query of padding sees no key of
/// the blocks that others made visible.
TEST_P(SplitStreams, AttentionOutOfSight) {
  AttentionOptions options;
  options.parts = GetParam();
  options.mask = "<causal, window = 20, sinks = 3>";
  std::vector<int32_t> padded(2 * 70);
  for (int32_t i = 0; i < 140; ++i)
    padded[i] = i % 70 % 9 == 4 ? -1 : 211 + i % 70;
  expectAttention("f32", options,
                  {prefill(2, 210), decode(2), prefill(2, 70, padded),
                   prefill(2, 3), decode(2)},
                  400);
}

/// One segment, in blocks, and what a second kernel merges.
TEST_P(SplitStreams, Numerator) {
  StepModule step("f32", 24);
  step.splitStreams(GetParam());
  step.expectSame(R"(
    %s = attn.split_heads %h 3 : $H
    %n, %m, %l = attn.attention_partial %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(0.5) : tensor<?x3x?x8x$T>
        -> tensor<?x3x?x8xf32>, tensor<?x3x?xf32>, tensor<?x3x?xf32>
    %out = attn.merge_heads %n : tensor<?x3x?x8xf32>)",
                  24, {prefill(2, 150), prefill(1, 9), decode(2)}, 200);
}

INSTANTIATE_TEST_SUITE_P(Parts, SplitStreams, testing::Values(1, 2, 3, 4));

} // namespace
