//===- EmitSharedTest.cpp - Computed operands in shared memory ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// y = sum over i of (2 a) * b_i, with (2 a) computed above the loop.
const char *const text = R"(
!a = memref<?x16xf32, strided<[16, 1], offset: ?>>
tile.kernel @k(%x: memref<?xf32>, %w: memref<?xf32>, %y: memref<?xf32>,
               %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %c8 = arith.constant 8 : index
  %xv = tile.view %x[%c0] sizes [%c8, 16] strides [16, 1]
      : memref<?xf32> to !a
  %wv = tile.view %w[%c0] sizes [%n, 16] strides [16, 1] : memref<?xf32> to !a
  %yv = tile.view %y[%c0] sizes [%c8, 8] strides [8, 1]
      : memref<?xf32> to memref<?x8xf32, strided<[8, 1], offset: ?>>
  %zero = arith.constant dense<0.0> : tensor<8x8xf32>
  %a = tile.load %xv[%c0, %c0] : !a -> tensor<8x16xf32>
  %twice = arith.addf %a, %a : tensor<8x16xf32>
  %r = tile.stream (%c0 to %n step %c8) carry(%zero : tensor<8x8xf32>)
  load (%i: index) {
    %b = tile.load %wv[%i, %c0] : !a -> tensor<8x16xf32>
    tile.yield %b : tensor<8x16xf32>
  }
  body (%i: index, %b: tensor<8x16xf32>, %s: tensor<8x8xf32>) {
    %t = tile.mma %twice, %b, %s {transpose_b}
        : tensor<8x16xf32>, tensor<8x16xf32>, tensor<8x8xf32>
    tile.yield %t : tensor<8x8xf32>
  }
  tile.store %r, %yv[%c0, %c0]
      : tensor<8x8xf32>, memref<?x8xf32, strided<[8, 1], offset: ?>>
  tile.return
})";

/// 8 x 16 numbers of one warp are four for each lane: two stores, and none of
/// them once a step.
TEST(NvgpuShared, AnOperandFromAboveALoopIsStoredOnce) {
  std::string ptx = ptxOf(text);
  size_t loop = ptx.find("cp.async.wait_group");
  ASSERT_NE(loop, std::string::npos);
  EXPECT_EQ(countOf(ptx.substr(0, loop), "st.shared.v2"), 2u);
  EXPECT_EQ(countOf(ptx.substr(loop), "st.shared"), 0u);
}

TEST(NvgpuShared, AndIsRight) {
  Kernels kernels(text, "sm_80");
  const int64_t n = 40;
  std::vector<float> x = randomFloats(8 * 16, 7), w = randomFloats(n * 16, 8);
  std::vector<float> y(64);
  kernels.run("k", {x, w, y, n}, 1);
  std::vector<double> want(64);
  for (int64_t i = 0; i < 8; ++i)
    for (int64_t r = 0; r < n; ++r)
      for (int64_t k = 0; k < 16; ++k)
        want[i * 8 + r % 8] += 2.0 * x[i * 16 + k] * w[r * 16 + k];
  EXPECT_LT(relativeError(y, want), 1e-6);
}

} // namespace
