//===- LineLayoutsTest.cpp - Lines as rows and as columns -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/LineLayouts.h"
#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace heed;
using namespace heed::nvgpu;
using namespace heed::test;

namespace {

TEST(LineLayouts, ReductionsAndBroadcastsDecide) {
  ParsedKernels parsed(R"(
    !r = memref<?xf32, strided<[1], offset: ?>>
    tile.kernel @k(%x: memref<?xf32>, %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %xv = tile.view %x[%c0] sizes [%n] strides [1] : memref<?xf32> to !r
      %m = arith.constant dense<1.0> : tensor<8x8xf32>
      %rows = tile.reduce <add> %m over 1 : tensor<8x8xf32> -> tensor<8xf32>
      %columns = tile.reduce <add> %m over 0 : tensor<8x8xf32> -> tensor<8xf32>
      %wide = tile.load %xv[%c0] : !r -> tensor<8xf32>
      %w = tile.broadcast %wide over 0 : tensor<8xf32> -> tensor<8x8xf32>
      %high = tile.load %xv[%c0] : !r -> tensor<8xf32>
      %twice = arith.addf %high, %high : tensor<8xf32>
      %h = tile.broadcast %twice over 1 : tensor<8xf32> -> tensor<8x8xf32>
      %any = tile.load %xv[%c0] : !r -> tensor<8xf32>
      // A reduction comes before a broadcast.
      %mixed = arith.addf %columns, %any : tensor<8xf32>
      %b = tile.broadcast %mixed over 1 : tensor<8xf32> -> tensor<8x8xf32>
      tile.return
    })");
  ASSERT_TRUE(parsed.module);
  auto kernel = *parsed.module->getOps<tile::KernelOp>().begin();
  LineLayouts layouts(kernel);
  SmallVector<Layout> reductions, loads;
  kernel.walk([&](tile::ReduceOp op) {
    reductions.push_back(layouts.of(op.getResult()));
  });
  kernel.walk(
      [&](tile::LoadOp op) { loads.push_back(layouts.of(op.getResult())); });
  EXPECT_EQ(reductions, (SmallVector<Layout>{Layout::Rows, Layout::Columns}));
  EXPECT_EQ(loads, (SmallVector<Layout>{Layout::Columns, Layout::Rows,
                                        Layout::Columns}));
}

} // namespace
