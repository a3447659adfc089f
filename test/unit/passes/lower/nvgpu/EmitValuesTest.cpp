//===- EmitValuesTest.cpp - Tiles made anew, lines laid out anew ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// A line that is loaded as columns are and used per row, and the reverse;
/// numbers, conditions and consecutive numbers.
TEST(NvgpuValues, LinesChangeTheirLayout) {
  for (int64_t size : {8, 40, 64}) {
    Kernels kernels(fill(R"(
      !l = memref<?xi32, strided<[1], offset: ?>>
      !m = memref<?x?xi32, strided<[?, 1], offset: ?>>
      tile.kernel @turn(%x: memref<?xi32>, %y: memref<?xi32>, %n: index)
          grid(1) {
        %c0 = arith.constant 0 : index
        %xv = tile.view %x[%c0] sizes [%n] strides [1] : memref<?xi32> to !l
        %yv = tile.view %y[%c0] sizes [%n, %n] strides [%n, 1]
            : memref<?xi32> to !m
        %zero = arith.constant dense<0> : tensor<$Nxi32>
        %ten = arith.constant dense<1000> : tensor<$Nx$Nxi32>
        %line = tile.load %xv[%c0] : !l -> tensor<$Nxi32>
        // One layout for the line and what is made of it, both for its uses.
        %big = arith.cmpi sgt, %line, %zero : tensor<$Nxi32>
        %r = tile.broadcast %line over 1 : tensor<$Nxi32> -> tensor<$Nx$Nxi32>
        %c = tile.broadcast %line over 0 : tensor<$Nxi32> -> tensor<$Nx$Nxi32>
        %br = tile.broadcast %big over 1 : tensor<$Nxi1> -> tensor<$Nx$Nxi1>
        %bc = tile.broadcast %big over 0 : tensor<$Nxi1> -> tensor<$Nx$Nxi1>
        %k = tile.iota %c0 : tensor<$Nxi32>
        %kr = tile.broadcast %k over 1 : tensor<$Nxi32> -> tensor<$Nx$Nxi32>
        %kc = tile.broadcast %k over 0 : tensor<$Nxi32> -> tensor<$Nx$Nxi32>
        %a = arith.muli %r, %ten : tensor<$Nx$Nxi32>
        %b = arith.addi %a, %c : tensor<$Nx$Nxi32>
        %d = arith.select %br, %b, %kr : tensor<$Nx$Nxi1>, tensor<$Nx$Nxi32>
        %e = arith.select %bc, %d, %kc : tensor<$Nx$Nxi1>, tensor<$Nx$Nxi32>
        tile.store %e, %yv[%c0, %c0] : tensor<$Nx$Nxi32>, !m
        tile.return
      })",
                         {{"$N", std::to_string(size)}}),
                    "sm_80");
    std::vector<int32_t> x(size), y(size * size), want;
    for (int64_t i = 0; i < size; ++i)
      x[i] = static_cast<int32_t>(i * 7 % 11 - 3);
    kernels.run("turn", {x, y, size}, 1);
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        int64_t d = x[i] > 0 ? x[i] * 1000 + x[j] : i;
        want.push_back(static_cast<int32_t>(x[j] > 0 ? d : j));
      }
    EXPECT_EQ(y, want) << size;
  }
}

} // namespace
