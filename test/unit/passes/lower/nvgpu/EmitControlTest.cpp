//===- EmitControlTest.cpp - What loops carry on a GPU --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// Lines and tiles swap places in a loop; a branch yields a line that lies
/// otherwise than its result does.
const char *const text = R"(
    !l = memref<?xf32, strided<[1], offset: ?>>
    !m = memref<40x40xf32, strided<[40, 1], offset: ?>>
    tile.kernel @loop(%x: memref<?xf32>, %y: memref<?xf32>, %n: index)
        grid(1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c2 = arith.constant 2 : index
      %c40 = arith.constant 40 : index
      %xv = tile.view %x[%c0] sizes [%c40] strides [1] : memref<?xf32> to !l
      %yv = tile.view %y[%c0] sizes [40, 40] strides [40, 1]
          : memref<?xf32> to !m
      %line = tile.load %xv[%c0] : !l -> tensor<40xf32>
      %one = arith.constant dense<1.0> : tensor<40xf32>
      %tile = arith.constant dense<3.0> : tensor<40x40xf32>
      %f = arith.constant 0.5 : f32
      %a:4 = scf.for %i = %c0 to %n step %c1
          iter_args(%p = %line, %q = %one, %t = %tile, %s = %f)
          -> (tensor<40xf32>, tensor<40xf32>, tensor<40x40xf32>, f32) {
        %rows = tile.broadcast %p over 1 : tensor<40xf32> -> tensor<40x40xf32>
        %columns = tile.broadcast %q over 0
            : tensor<40xf32> -> tensor<40x40xf32>
        %u = arith.addf %t, %rows : tensor<40x40xf32>
        %v = arith.subf %u, %columns : tensor<40x40xf32>
        %odd = arith.remui %i, %c2 : index
        %isOdd = arith.cmpi eq, %odd, %c1 : index
        %w = scf.if %isOdd -> tensor<40xf32> {
          %sum = tile.reduce <max> %v over 0
              : tensor<40x40xf32> -> tensor<40xf32>
          scf.yield %sum : tensor<40xf32>
        } else {
          scf.yield %one : tensor<40xf32>
        }
        %twice = arith.addf %s, %s : f32
        scf.yield %q, %w, %v, %twice
            : tensor<40xf32>, tensor<40xf32>, tensor<40x40xf32>, f32
      }
      %ss = tensor.splat %a#3 : tensor<40x40xf32>
      %rows = tile.broadcast %a#0 over 1 : tensor<40xf32> -> tensor<40x40xf32>
      %b = arith.addf %a#2, %rows : tensor<40x40xf32>
      %c = arith.addf %b, %ss : tensor<40x40xf32>
      tile.store %c, %yv[%c0, %c0] : tensor<40x40xf32>, !m
      tile.return
    })";

TEST(NvgpuControl, CarriedLinesAndTiles) {
  Kernels kernels(text, "sm_80");
  constexpr int64_t size = 40;
  for (int64_t n : {0, 1, 2, 5}) {
    std::vector<float> x(size), y(size * size);
    for (int64_t i = 0; i < size; ++i)
      x[i] = static_cast<float>(i * 7 % 13);
    kernels.run("loop", {x, y, n}, 1);
    std::vector<float> p = x, q(size, 1.0f), t(size * size, 3.0f);
    float s = 0.5f;
    for (int64_t step = 0; step < n; ++step) {
      std::vector<float> w(size, 1.0f);
      for (int64_t i = 0; i < size; ++i)
        for (int64_t j = 0; j < size; ++j)
          t[i * size + j] += p[i] - q[j];
      if (step % 2)
        for (int64_t j = 0; j < size; ++j) {
          w[j] = t[j];
          for (int64_t i = 1; i < size; ++i)
            w[j] = std::max(w[j], t[i * size + j]);
        }
      p = q;
      q = w;
      s *= 2;
    }
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j)
        ASSERT_EQ(y[i * size + j], t[i * size + j] + p[i] + s) << n;
  }
}

} // namespace
