//===- EmitValuesTest.cpp - Where vectors and elements come from ----------===//
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

class EmitValues : public testing::TestWithParam<std::string> {};

/// Stores, of a 12 x 20 tile of i32, 1 where a row's mask and a column's mask
/// agree, plus `100 * row + column`, plus a splat. The masks, made from loaded
/// numbers, are read from memory; the rest is made again where it is read.
/// LAYOUT is code that may turn the tile: a product takes its rows as lanes.
const char *const kFree = R"(
!i = memref<?xi32, strided<[1], offset: ?>>
!f = memref<12x20xf32, strided<[20, 1], offset: ?>>
tile.kernel @free(%rows: memref<?xi32>, %cols: memref<?xi32>,
                  %y: memref<?xf32>, %base: index) grid(1) {
  %c0 = arith.constant 0 : index
  %c12 = arith.constant 12 : index
  %c20 = arith.constant 20 : index
  %rv = tile.view %rows[%c0] sizes [%c12] strides [1] : memref<?xi32> to !i
  %cv = tile.view %cols[%c0] sizes [%c20] strides [1] : memref<?xi32> to !i
  %yv = tile.view %y[%c0] sizes [12, 20] strides [20, 1] : memref<?xf32> to !f
  %r = tile.load %rv[%c0] : !i -> tensor<12xi32>
  %c = tile.load %cv[%c0] : !i -> tensor<20xi32>
  %none = arith.constant dense<0> : tensor<12xi32>
  %nones = arith.constant dense<0> : tensor<20xi32>
  %rm = arith.cmpi ne, %r, %none : tensor<12xi32>
  %cm = arith.cmpi ne, %c, %nones : tensor<20xi32>
  %rb = tile.broadcast %rm over 1 : tensor<12xi1> -> tensor<12x20xi1>
  %cb = tile.broadcast %cm over 0 : tensor<20xi1> -> tensor<12x20xi1>
  %differ = arith.xori %rb, %cb : tensor<12x20xi1>
  %row = tile.iota %base : tensor<12xi32>
  %col = tile.iota %c0 : tensor<20xi32>
  %rowb = tile.broadcast %row over 1 : tensor<12xi32> -> tensor<12x20xi32>
  %colb = tile.broadcast %col over 0 : tensor<20xi32> -> tensor<12x20xi32>
  %hundred = arith.constant dense<100> : tensor<12x20xi32>
  %rh = arith.muli %rowb, %hundred : tensor<12x20xi32>
  %place = arith.addi %rh, %colb : tensor<12x20xi32>
  %base32 = arith.index_cast %base : index to i32
  %more = tensor.splat %base32 : tensor<12x20xi32>
  %sum = arith.addi %place, %more : tensor<12x20xi32>
  %sumf = arith.sitofp %sum : tensor<12x20xi32> to tensor<12x20xf32>
  %one = arith.constant dense<1.0> : tensor<12x20xf32>
  %zero = arith.constant dense<0.0> : tensor<12x20xf32>
  LAYOUT
  %agree = arith.select %differ, %turned, %one
      : tensor<12x20xi1>, tensor<12x20xf32>
  %out = arith.addf %sumf, %agree : tensor<12x20xf32>
  tile.store %out, %yv[%c0, %c0] : tensor<12x20xf32>, !f
  tile.return
})";

void checkFree(const std::string &cpu, const std::string &layout) {
  std::string text = kFree;
  text.replace(text.find("LAYOUT"), 6, layout);
  Kernels kernels(text, cpu);
  std::vector<int32_t> rows(12), cols(20);
  for (int32_t r = 0; r < 12; ++r)
    rows[r] = r % 3;
  for (int32_t c = 0; c < 20; ++c)
    cols[c] = c % 4 - 1;
  std::vector<float> y(12 * 20), want;
  kernels.run("free", {rows, cols, y, 5}, 1);
  for (int32_t r = 0; r < 12; ++r)
    for (int32_t c = 0; c < 20; ++c)
      want.push_back(static_cast<float>((rows[r] != 0) == (cols[c] != 0)) +
                     static_cast<float>(100 * (5 + r) + c + 5));
  EXPECT_EQ(y, want);
}

TEST_P(EmitValues, FreeTilesInRows) {
  checkFree(GetParam(), "%turned = arith.mulf %zero, %one : tensor<12x20xf32>");
}

TEST_P(EmitValues, FreeTilesInColumns) {
  checkFree(GetParam(), R"(
    %a = arith.constant dense<0.0> : tensor<12x4xf32>
    %b = arith.constant dense<1.0> : tensor<4x20xf32>
    %turned = tile.mma %a, %b, %zero
        : tensor<12x4xf32>, tensor<4x20xf32>, tensor<12x20xf32>)");
}

// A product wants its right side in the other layout than a sum left it in,
// and a store wants rows: both are copies.
TEST_P(EmitValues, TilesAreTurned) {
  Kernels kernels(R"(
    !m = memref<16x12xf32, strided<[12, 1], offset: ?>>
    !o = memref<16x16xf32, strided<[16, 1], offset: ?>>
    tile.kernel @square(%x: memref<?xf32>, %y: memref<?xf32>,
                        %z: memref<?xf32>) grid(1) {
      %c0 = arith.constant 0 : index
      %xv = tile.view %x[%c0] sizes [16, 12] strides [12, 1]
          : memref<?xf32> to !m
      %yv = tile.view %y[%c0] sizes [16, 16] strides [16, 1]
          : memref<?xf32> to !o
      %zv = tile.view %z[%c0] sizes [16, 12] strides [12, 1]
          : memref<?xf32> to !m
      %t = tile.load %xv[%c0, %c0] : !m -> tensor<16x12xf32>
      %d = arith.addf %t, %t : tensor<16x12xf32>
      %zero = arith.constant dense<0.0> : tensor<16x16xf32>
      %none = arith.constant dense<0.0> : tensor<16x12xf32>
      %p = tile.mma %d, %d, %zero {transpose_b}
          : tensor<16x12xf32>, tensor<16x12xf32>, tensor<16x16xf32>
      %q = tile.mma %p, %d, %none {transpose_a}
          : tensor<16x16xf32>, tensor<16x12xf32>, tensor<16x12xf32>
      tile.store %p, %yv[%c0, %c0] : tensor<16x16xf32>, !o
      tile.store %q, %zv[%c0, %c0] : tensor<16x12xf32>, !m
      tile.return
    })",
                  GetParam());
  std::vector<float> x = randomFloats(16 * 12, 8), y(256), z(16 * 12);
  kernels.run("square", {x, y, z}, 1);
  std::vector<double> p(256), q(16 * 12);
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < 16; ++j)
      for (int64_t k = 0; k < 12; ++k)
        p[i * 16 + j] += 4.0 * x[i * 12 + k] * x[j * 12 + k];
  for (int64_t i = 0; i < 16; ++i)
    for (int64_t j = 0; j < 12; ++j)
      for (int64_t k = 0; k < 16; ++k)
        q[i * 12 + j] += p[k * 16 + i] * 2.0 * x[k * 12 + j];
  EXPECT_LT(relativeError(y, p), 1e-6);
  EXPECT_LT(relativeError(z, q), 1e-6);
}

INSTANTIATE_TEST_SUITE_P(Processors, EmitValues,
                         testing::ValuesIn(processors()));

} // namespace
