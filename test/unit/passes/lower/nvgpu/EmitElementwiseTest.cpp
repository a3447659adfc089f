//===- EmitElementwiseTest.cpp - Approximations of a GPU ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// 2^x beside a product of `$E`.
const char *const text = R"(
tile.kernel @k(%x: memref<?xf32>) grid(1) {
  %c0 = arith.constant 0 : index
  %xv = tile.view %x[%c0] sizes [8, 8] strides [8, 1]
      : memref<?xf32> to memref<8x8xf32, strided<[8, 1], offset: ?>>
  %t = tile.load %xv[%c0, %c0]
      : memref<8x8xf32, strided<[8, 1], offset: ?>> -> tensor<8x8xf32>
  %e = math.exp2 %t : tensor<8x8xf32>
  %p = arith.constant dense<1.0> : tensor<8x8x$E>
  %d = tile.mma %p, %p, %e
      : tensor<8x8x$E>, tensor<8x8x$E>, tensor<8x8xf32>
  tile.store %d, %xv[%c0, %c0]
      : tensor<8x8xf32>, memref<8x8xf32, strided<[8, 1], offset: ?>>
  tile.return
})";

/// f32 kernels promise f32: there the polynomial stays.
TEST(NvgpuElementwise, ThePowersOfTheDeviceOnlyBesideNarrowProducts) {
  EXPECT_GT(countOf(ptxOf(fill(text, {{"$E", "bf16"}})), "ex2.approx"), 0u);
  EXPECT_EQ(countOf(ptxOf(fill(text, {{"$E", "f32"}})), "ex2.approx"), 0u);
}

/// 2^x that is stored as bf16, beside another store of `$E`.
const char *const stored = R"(
!v = memref<8x8xbf16, strided<[8, 1], offset: ?>>
!w = memref<8x8x$E, strided<[8, 1], offset: ?>>
tile.kernel @k(%x: memref<?xbf16>, %y: memref<?x$E>) grid(1) {
  %c0 = arith.constant 0 : index
  %xv = tile.view %x[%c0] sizes [8, 8] strides [8, 1] : memref<?xbf16> to !v
  %yv = tile.view %y[%c0] sizes [8, 8] strides [8, 1] : memref<?x$E> to !w
  %t = tile.load %xv[%c0, %c0] : !v -> tensor<8x8xbf16>
  %u = arith.extf %t : tensor<8x8xbf16> to tensor<8x8xf32>
  %e = math.exp2 %u : tensor<8x8xf32>
  %n = arith.truncf %e : tensor<8x8xf32> to tensor<8x8xbf16>
  %p = arith.constant dense<1.0> : tensor<8x8x$E>
  tile.store %n, %xv[%c0, %c0] : tensor<8x8xbf16>, !v
  tile.store %p, %yv[%c0, %c0] : tensor<8x8x$E>, !w
  tile.return
})";

TEST(NvgpuElementwise, OrWhereAllResultsAreNarrow) {
  EXPECT_GT(countOf(ptxOf(fill(stored, {{"$E", "bf16"}})), "ex2.approx"), 0u);
  EXPECT_EQ(countOf(ptxOf(fill(stored, {{"$E", "f32"}})), "ex2.approx"), 0u);
}

TEST(NvgpuElementwise, TheyAreGoodEnough) {
  Kernels kernels(fill(text, {{"$E", "bf16"}}), "sm_80");
  std::vector<float> x = randomFloats(64, 5);
  std::vector<double> want;
  for (float &value : x) {
    value *= 20;
    want.push_back(std::exp2(double(value)) + 8);
  }
  kernels.run("k", {x}, 1);
  for (size_t i = 0; i < want.size(); ++i)
    EXPECT_NEAR(x[i], want[i], want[i] * 4e-7) << i;
}

} // namespace
