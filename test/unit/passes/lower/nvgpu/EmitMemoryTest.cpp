//===- EmitMemoryTest.cpp - Widths of loads and stores on a GPU -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

std::string copyOf(const char *element, const char *stride, const char *size) {
  return ptxOf(fill(R"(
    !v = memref<?x$Sx$E, strided<[$S, 1], offset: ?>>
    tile.kernel @copy(%x: memref<?x$E>, %y: memref<?x$E>, %n: index)
        grid(%n by 1) {
      %c0 = arith.constant 0 : index
      %p = tile.program_id 0
      %xv = tile.view %x[%c0] sizes [%n, $S] strides [$S, 1]
          : memref<?x$E> to !v
      %yv = tile.view %y[%c0] sizes [%n, $S] strides [$S, 1]
          : memref<?x$E> to !v
      %t = tile.load %xv[%p, %c0] : !v -> tensor<1x$Nx$E>
      tile.store %t, %yv[%p, %c0] : tensor<1x$Nx$E>, !v
      tile.return
    })",
                    {{"$E", element}, {"$S", stride}, {"$N", size}}));
}

TEST(NvgpuMemory, NeighboursMoveTogether) {
  // 256 columns, four together for each of 32 lanes.
  std::string wide = copyOf("f32", "256", "256");
  EXPECT_EQ(countOf(wide, "ld.global.v4"), 2u);
  EXPECT_EQ(countOf(wide, "st.global.v4"), 2u);
  // Four bf16 are eight bytes.
  EXPECT_EQ(countOf(copyOf("bf16", "256", "256"), "ld.global.v2"), 2u);
  // Rows begin at multiples of two elements only.
  EXPECT_EQ(countOf(copyOf("f32", "130", "128"), "ld.global.v2"), 2u);
  // Odd rows: one by one.
  std::string odd = copyOf("f32", "129", "128");
  EXPECT_EQ(countOf(odd, "ld.global.v"), 0u);
  EXPECT_EQ(countOf(odd, "ld.global"), 4u);
}

/// A tile of one block is held by all warps beside one of four, and lies where
/// that does.
TEST(NvgpuMemory, TilesOfDifferentHeightsAreClippedAlike) {
  Kernels kernels(R"(
    !v = memref<?x8xi32, strided<[8, 1], offset: ?>>
    tile.kernel @count(%x: memref<?xi32>, %y: memref<?xi32>, %n: index)
        grid(1) {
      %c0 = arith.constant 0 : index
      %yv = tile.view %y[%c0] sizes [%n, 8] strides [8, 1]
          : memref<?xi32> to !v
      %big = arith.constant dense<1> : tensor<64x8xi32>
      %small = arith.constant dense<2> : tensor<5x8xi32>
      tile.store %big, %yv[%c0, %c0] : tensor<64x8xi32>, !v
      tile.store %small, %yv[%c0, %c0] : tensor<5x8xi32>, !v
      tile.return
    })",
                  "sm_80");
  std::vector<int32_t> x(1), y(64 * 8);
  kernels.run("count", {x, y, int64_t(60)}, 1);
  for (int64_t i = 0; i < 64 * 8; ++i)
    EXPECT_EQ(y[i], i < 40 ? 2 : i < 480 ? 1 : 0) << i;
}

} // namespace
