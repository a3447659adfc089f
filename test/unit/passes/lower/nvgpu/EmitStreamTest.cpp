//===- EmitStreamTest.cpp - Rings of all depths, skipped steps ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// y = sum over visited steps of x_i * one, the steps numbered by `order`; a
/// second stream of the same form goes on with the sum. `$N` is the width.
const char *const text = R"(
!v = memref<?x$Nxf32, strided<[$N, 1], offset: ?>>
!o = memref<16x8xf32, strided<[8, 1], offset: ?>>
tile.kernel @sum(%x: memref<?xf32>, %skip: memref<?xi32>, %y: memref<?xf32>,
                 %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %none = arith.constant 0 : i32
  %rows = arith.muli %n, %c16 : index
  %xv = tile.view %x[%c0] sizes [%rows, $N] strides [$N, 1]
      : memref<?xf32> to !v
  %yv = tile.view %y[%c0] sizes [16, 8] strides [8, 1] : memref<?xf32> to !o
  %one = arith.constant dense<1.0> : tensor<$Nx8xf32>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32>
  %a = tile.stream (%c0 to %n step %c1) carry(%zero : tensor<16x8xf32>)
  where (%i: index) {
    %s = memref.load %skip[%i] : memref<?xi32>
    %go = arith.cmpi eq, %s, %none : i32
    tile.yield %go : i1
  }
  load (%i: index) {
    %row = arith.muli %i, %c16 : index
    %t = tile.load %xv[%row, %c0] : !v -> tensor<16x$Nxf32>
    tile.yield %t : tensor<16x$Nxf32>
  }
  body (%i: index, %t: tensor<16x$Nxf32>, %s: tensor<16x8xf32>) {
    %r = tile.mma %t, %one, %s
        : tensor<16x$Nxf32>, tensor<$Nx8xf32>, tensor<16x8xf32>
    tile.yield %r : tensor<16x8xf32>
  }
  %b = tile.stream (%c0 to %n step %c1) carry(%a : tensor<16x8xf32>)
  load (%i: index) {
    %last = arith.subi %n, %c1 : index
    %back = arith.subi %last, %i : index
    %row = arith.muli %back, %c16 : index
    %t = tile.load %xv[%row, %c0] : !v -> tensor<16x$Nxf32>
    tile.yield %t : tensor<16x$Nxf32>
  }
  body (%i: index, %t: tensor<16x$Nxf32>, %s: tensor<16x8xf32>) {
    %u = arith.negf %t : tensor<16x$Nxf32>
    %r = tile.mma %u, %one, %s
        : tensor<16x$Nxf32>, tensor<$Nx8xf32>, tensor<16x8xf32>
    tile.yield %r : tensor<16x8xf32>
  }
  tile.store %b, %yv[%c0, %c0] : tensor<16x8xf32>, !o
  tile.return
})";

heed::GpuImage image(int64_t width) {
  heed::GpuTarget target;
  target.assemble = false;
  return imageOf(fill(text, {{"$N", std::to_string(width)}}), target);
}

TEST(NvgpuStream, AsManySlotsAsFit) {
  // 16 rows of 64, 512 and 1024 f32: 4, 32, 64 KiB and padding a slot.
  EXPECT_EQ(image(64).reports[0].stages, 3);
  EXPECT_EQ(image(512).reports[0].stages, 2);
  EXPECT_EQ(image(768).reports[0].stages, 1);
}

/// The first sum leaves out what is skipped, the second takes all away again:
/// what is skipped remains, negative.
TEST(NvgpuStream, EveryVisitedStepCountsOnce) {
  for (int64_t width : {64, 512, 768}) {
    Kernels kernels(fill(text, {{"$N", std::to_string(width)}}), "sm_80");
    for (const std::vector<int32_t> &skip :
         std::vector<std::vector<int32_t>>{{},
                                           {0},
                                           {1},
                                           {0, 0},
                                           {1, 0},
                                           {0, 1, 0, 1, 1, 0, 0},
                                           {1, 1, 1, 1, 1},
                                           {1, 1, 0, 1, 1, 1}}) {
      int64_t n = static_cast<int64_t>(skip.size());
      std::vector<float> x(16 * width * std::max<int64_t>(n, 1));
      for (size_t i = 0; i < x.size(); ++i)
        x[i] = static_cast<float>(i * 31 % 17) - 8;
      std::vector<int32_t> skips = skip;
      skips.push_back(0);
      std::vector<float> y(16 * 8, 99.0f);
      kernels.run("sum", {x, skips, y, n}, 1);
      for (int64_t r = 0; r < 16; ++r) {
        float want = 0;
        for (int64_t i = 0; i < n; ++i)
          for (int64_t c = 0; c < width; ++c)
            want -= skip[i] ? x[(16 * i + r) * width + c] : 0;
        for (int64_t c = 0; c < 8; ++c)
          ASSERT_EQ(y[r * 8 + c], want)
              << "row " << r << " of " << n << " steps, " << width << " wide";
      }
    }
  }
}

} // namespace
