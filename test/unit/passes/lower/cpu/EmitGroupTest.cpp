//===- EmitGroupTest.cpp - Elementwise ops and reductions -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

using namespace heed::test;

namespace {

class EmitGroup : public testing::TestWithParam<std::string> {};

TEST_P(EmitGroup, NarrowElementwise) {
  Kernels kernels(R"(
    !v = memref<?xbf16, strided<[1], offset: ?>>
    !w = memref<?xf32, strided<[1], offset: ?>>
    tile.kernel @add(%x: memref<?xbf16>, %y: memref<?xbf16>, %z: memref<?xbf16>,
                     %f: memref<?xf32>, %n: index) grid(%n by 32) {
      %c0 = arith.constant 0 : index
      %c32 = arith.constant 32 : index
      %p = tile.program_id 0
      %i = arith.muli %p, %c32 : index
      %xv = tile.view %x[%c0] sizes [%n] strides [1] : memref<?xbf16> to !v
      %yv = tile.view %y[%c0] sizes [%n] strides [1] : memref<?xbf16> to !v
      %zv = tile.view %z[%c0] sizes [%n] strides [1] : memref<?xbf16> to !v
      %fv = tile.view %f[%c0] sizes [%n] strides [1] : memref<?xf32> to !w
      %a = tile.load %xv[%i] : !v -> tensor<32xbf16>
      %b = tile.load %yv[%i] : !v -> tensor<32xbf16>
      %two = arith.constant dense<2.0> : tensor<32xbf16>
      %s = arith.addf %a, %b : tensor<32xbf16>
      %t = arith.mulf %s, %two : tensor<32xbf16>
      tile.store %t, %zv[%i] : tensor<32xbf16>, !v
      %w = arith.extf %s : tensor<32xbf16> to tensor<32xf32>
      tile.store %w, %fv[%i] : tensor<32xf32>, !w
      tile.return
    })",
                  GetParam());
  const int64_t n = 77;
  std::vector<float> a = randomFloats(n, 1), b = randomFloats(n, 2), f(n);
  a[5] = std::nanf("");
  a[6] = INFINITY;
  b[7] = 3e38f;
  a[7] = 3e38f;
  std::vector<uint16_t> x = toBF16(a), y = toBF16(b), z(n + 1, 9);
  kernels.run("add", {x, y, z, f, n}, 3);
  for (int64_t i = 0; i < n; ++i) {
    float sum = fromBF16(toBF16(fromBF16(x[i]) + fromBF16(y[i])));
    if (std::isnan(sum)) {
      EXPECT_TRUE(std::isnan(f[i]) && std::isnan(fromBF16(z[i])));
      continue;
    }
    EXPECT_EQ(f[i], sum) << i;
    EXPECT_EQ(z[i], toBF16(2 * sum)) << i;
  }
  EXPECT_EQ(z[n], 9) << "wrote behind the end";
}

TEST_P(EmitGroup, ReductionsOfBothDirections) {
  Kernels kernels(R"(
    !m = memref<?x?xf32, strided<[?, 1], offset: ?>>
    !v = memref<?xf32, strided<[1], offset: ?>>
    tile.kernel @sums(%x: memref<?xf32>, %rows: memref<?xf32>,
                      %cols: memref<?xf32>, %all: memref<?xf32>, %n: index)
        grid(1) {
      %c0 = arith.constant 0 : index
      %xv = tile.view %x[%c0] sizes [%n, %n] strides [%n, 1]
          : memref<?xf32> to !m
      %rv = tile.view %rows[%c0] sizes [%n] strides [1] : memref<?xf32> to !v
      %cv = tile.view %cols[%c0] sizes [%n] strides [1] : memref<?xf32> to !v
      %t = tile.load %xv[%c0, %c0] : !m -> tensor<12x20xf32>
      %d = arith.addf %t, %t : tensor<12x20xf32>
      %r = tile.reduce <max> %d over 1 : tensor<12x20xf32> -> tensor<12xf32>
      %c = tile.reduce <add> %d over 0 : tensor<12x20xf32> -> tensor<20xf32>
      %low = tile.reduce <min> %r over 0 : tensor<12xf32> -> f32
      tile.store %r, %rv[%c0] : tensor<12xf32>, !v
      tile.store %c, %cv[%c0] : tensor<20xf32>, !v
      memref.store %low, %all[%c0] : memref<?xf32>
      tile.return
    })",
                  GetParam());
  const int64_t n = 20;
  std::vector<float> x = randomFloats(n * n, 3), rows(n), cols(n), all(1);
  kernels.run("sums", {x, rows, cols, all, n}, 1);
  float low = INFINITY;
  for (int64_t i = 0; i < 12; ++i) {
    float top = -INFINITY;
    for (int64_t j = 0; j < 20; ++j)
      top = std::max(top, 2 * x[i * n + j]);
    EXPECT_EQ(rows[i], top);
    low = std::min(low, top);
  }
  EXPECT_EQ(all[0], low);
  for (int64_t j = 0; j < 20; ++j) {
    double sum = 0;
    for (int64_t i = 0; i < 12; ++i)
      sum += 2 * double(x[i * n + j]);
    EXPECT_NEAR(cols[j], sum, 1e-5);
  }
}

// A product of many rows has its rows in the lanes, so here a reduction over
// columns combines vectors, and one over rows combines lanes.
TEST_P(EmitGroup, ReductionsOfAProduct) {
  Kernels kernels(R"(
    !x = memref<16x24xf32, strided<[24, 1], offset: ?>>
    !r = memref<16xf32, strided<[1], offset: ?>>
    !c = memref<24xf32, strided<[1], offset: ?>>
    tile.kernel @sums(%x: memref<?xf32>, %rows: memref<?xf32>,
                      %cols: memref<?xf32>, %row: memref<?xf32>) grid(1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %xv = tile.view %x[%c0] sizes [16, 24] strides [24, 1]
          : memref<?xf32> to !x
      %rv = tile.view %rows[%c0] sizes [16] strides [1] : memref<?xf32> to !r
      %cv = tile.view %cols[%c0] sizes [24] strides [1] : memref<?xf32> to !c
      %lv = tile.view %row[%c0] sizes [16] strides [1] : memref<?xf32> to !r
      %zero = arith.constant dense<0.0> : tensor<16x24xf32>
      %low = arith.constant dense<-1.0e9> : tensor<16xf32>
      %ones = arith.constant dense<1.0> : tensor<16x16xf32>
      %t = tile.load %xv[%c0, %c0] : !x -> tensor<16x24xf32>
      %p = tile.mma %ones, %t, %zero
          : tensor<16x16xf32>, tensor<16x24xf32>, tensor<16x24xf32>
      %d = arith.subf %t, %p : tensor<16x24xf32>
      %r = tile.reduce <max> %d over 1 : tensor<16x24xf32> -> tensor<16xf32>
      %c = tile.reduce <add> %d over 0 : tensor<16x24xf32> -> tensor<24xf32>
      tile.store %r, %rv[%c0] : tensor<16xf32>, !r
      tile.store %c, %cv[%c0] : tensor<24xf32>, !c
      %last = scf.for %i = %c0 to %c1 step %c1 iter_args(%a = %low)
          -> tensor<16xf32> {
        scf.yield %r : tensor<16xf32>
      }
      tile.store %last, %lv[%c0] : tensor<16xf32>, !r
      tile.return
    })",
                  GetParam());
  std::vector<float> x = randomFloats(16 * 24, 5), rows(16), cols(24), row(16);
  kernels.run("sums", {x, rows, cols, row}, 1);
  std::vector<double> sum(24), top(16, -INFINITY), total(24);
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < 24; ++j)
      sum[j] += x[i * 24 + j];
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < 24; ++j) {
      top[i] = std::max(top[i], x[i * 24 + j] - sum[j]);
      total[j] += x[i * 24 + j] - sum[j];
    }
  EXPECT_LT(relativeError(rows, top), 1e-6);
  EXPECT_LT(relativeError(cols, total), 1e-6);
  EXPECT_EQ(row, rows) << "carried through a loop";
}

// Each result of a group is used once more outside of it; a row's maximum is
// needed as a whole before the differences.
TEST_P(EmitGroup, ResultsUsedInsideAndOutside) {
  Kernels kernels(R"(
    !x = memref<5x12xi32, strided<[12, 1], offset: ?>>
    tile.kernel @depths(%x: memref<?xi32>, %y: memref<?xi32>,
                        %z: memref<?xi32>) grid(1) {
      %c0 = arith.constant 0 : index
      %xv = tile.view %x[%c0] sizes [5, 12] strides [12, 1]
          : memref<?xi32> to !x
      %yv = tile.view %y[%c0] sizes [5, 12] strides [12, 1]
          : memref<?xi32> to !x
      %zv = tile.view %z[%c0] sizes [5, 12] strides [12, 1]
          : memref<?xi32> to !x
      %t = tile.load %xv[%c0, %c0] : !x -> tensor<5x12xi32>
      %s = arith.muli %t, %t : tensor<5x12xi32>
      %m = tile.reduce <min> %s over 1 : tensor<5x12xi32> -> tensor<5xi32>
      %b = tile.broadcast %m over 1 : tensor<5xi32> -> tensor<5x12xi32>
      %d = arith.subi %s, %b : tensor<5x12xi32>
      tile.store %s, %yv[%c0, %c0] : tensor<5x12xi32>, !x
      tile.store %d, %zv[%c0, %c0] : tensor<5x12xi32>, !x
      tile.return
    })",
                  GetParam());
  std::vector<int32_t> x(60), y(60), z(60);
  for (int32_t i = 0; i < 60; ++i)
    x[i] = (i * 37 + 11) % 60 - 30;
  kernels.run("depths", {x, y, z}, 1);
  for (int64_t r = 0; r < 5; ++r) {
    int32_t least = INT32_MAX;
    for (int64_t c = 0; c < 12; ++c)
      least = std::min(least, x[r * 12 + c] * x[r * 12 + c]);
    for (int64_t c = 0; c < 12; ++c) {
      int32_t square = x[r * 12 + c] * x[r * 12 + c];
      EXPECT_EQ(y[r * 12 + c], square);
      EXPECT_EQ(z[r * 12 + c], square - least);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Processors, EmitGroup,
                         testing::ValuesIn(processors()));

} // namespace
