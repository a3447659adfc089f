//===- EmitKernelTest.cpp - Arguments, scalars, grids ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace heed::test;

namespace {

class EmitKernel : public testing::TestWithParam<std::string> {};

// Scalars of bf16 pass through memory; what is computed is f32.
TEST_P(EmitKernel, ScalarsAndElements) {
  Kernels kernels(R"(
    !v = memref<?x4xf32, strided<[4, 1], offset: ?>>
    tile.kernel @scalars(%x: memref<?xbf16>, %y: memref<?xf32>,
                         %z: memref<?xbf16>, %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %yv = tile.view %y[%c0] sizes [%n, 4] strides [4, 1]
          : memref<?xf32> to !v
      scf.for %i = %c0 to %n step %c1 {
        %a = memref.load %x[%i] : memref<?xbf16>
        %b = arith.extf %a : bf16 to f32
        %c = math.exp2 %b : f32
        memref.store %c, %yv[%i, %c1] : !v
        %d = memref.load %yv[%i, %c0] : !v
        %e = arith.mulf %c, %d : f32
        %f = arith.truncf %e : f32 to bf16
        memref.store %f, %z[%i] : memref<?xbf16>
      }
      tile.return
    })",
                  GetParam());
  const int64_t n = 9;
  std::vector<uint16_t> x = toBF16(randomFloats(n, 6)), z(n);
  std::vector<float> y = randomFloats(n * 4, 7), before = y;
  kernels.run("scalars", {x, y, z, n}, 1);
  for (int64_t i = 0; i < n; ++i) {
    float power = y[i * 4 + 1];
    EXPECT_NEAR(power, std::exp2(fromBF16(x[i])), 2e-7);
    EXPECT_EQ(z[i], toBF16(power * before[i * 4])) << i;
    for (int64_t c : {0, 2, 3})
      EXPECT_EQ(y[i * 4 + c], before[i * 4 + c]);
  }
}

INSTANTIATE_TEST_SUITE_P(Processors, EmitKernel,
                         testing::ValuesIn(processors()));

} // namespace
