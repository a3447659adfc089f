//===- TileOpsTest.cpp - Single ops and control flow on the CPU -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/KernelHarness.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace heed::test;

namespace {

class TileOps : public testing::TestWithParam<std::string> {};

TEST_P(TileOps, GatherAndScatter) {
  Kernels kernels(R"(
    !t = memref<?x48xbf16, strided<[48, 1], offset: ?>>
    !i = memref<?xi32, strided<[1], offset: ?>>
    tile.kernel @move(%from: memref<?xbf16>, %to: memref<?xbf16>,
                      %ids: memref<?xi32>, %rows: memref<?xi32>,
                      %out: memref<?xi32>, %n: index, %m: index)
        grid(%n by 8) {
      %c0 = arith.constant 0 : index
      %c8 = arith.constant 8 : index
      %p = tile.program_id 0
      %i = arith.muli %p, %c8 : index
      %fv = tile.view %from[%c0] sizes [%m, 48] strides [48, 1]
          : memref<?xbf16> to !t
      %tv = tile.view %to[%c0] sizes [%m, 48] strides [48, 1]
          : memref<?xbf16> to !t
      %iv = tile.view %ids[%c0] sizes [%n] strides [1] : memref<?xi32> to !i
      %rv = tile.view %rows[%c0] sizes [%n] strides [1] : memref<?xi32> to !i
      %ov = tile.view %out[%c0] sizes [%n] strides [1] : memref<?xi32> to !i
      %id = tile.load %iv[%i] : !i -> tensor<8xi32>
      %row = tile.load %rv[%i] : !i -> tensor<8xi32>
      %x = tile.gather %fv[%id, %c0] : !t, tensor<8xi32> -> tensor<8x48xbf16>
      tile.scatter %x, %tv[%row, %c0] : tensor<8x48xbf16>, !t, tensor<8xi32>
      %y = tile.gather %iv[%row] : !i, tensor<8xi32> -> tensor<8xi32>
      tile.store %y, %ov[%i] : tensor<8xi32>, !i
      tile.return
    })",
                  GetParam());
  const int64_t n = 8, m = 20;
  std::vector<uint16_t> from(m * 48), to(m * 48, 9);
  for (size_t i = 0; i < from.size(); ++i)
    from[i] = static_cast<uint16_t>(i + 100);
  std::vector<int32_t> ids{3, -1, 19, 0, 5, 5, 7, 1};
  std::vector<int32_t> rows{4, 6, 0, -1, 20, 3, 2, 7}, out(n);
  kernels.run("move", {from, to, ids, rows, out, n, m}, 1);
  std::vector<uint16_t> want(m * 48, 9);
  for (int64_t r = 0; r < n; ++r)
    for (int64_t c = 0; c < 48; ++c)
      if (rows[r] >= 0 && rows[r] < m)
        want[rows[r] * 48 + c] = ids[r] < 0 ? 0 : from[ids[r] * 48 + c];
  EXPECT_EQ(to, want);
  EXPECT_EQ(out, (std::vector<int32_t>{5, 7, 3, 0, 1, 0, 19, 1}));
}

TEST_P(TileOps, NarrowElementwise) {
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

TEST_P(TileOps, ReductionsOfBothDirections) {
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

TEST_P(TileOps, CarriedTilesMayChangePlaces) {
  Kernels kernels(R"(
    !v = memref<?xf32, strided<[1], offset: ?>>
    tile.kernel @fibonacci(%y: memref<?xf32>, %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %yv = tile.view %y[%c0] sizes [8] strides [1]
          : memref<?xf32> to memref<8xf32, strided<[1], offset: ?>>
      %zero = arith.constant dense<0.0> : tensor<8xf32>
      %one = arith.constant dense<1.0> : tensor<8xf32>
      %a, %b = scf.for %i = %c0 to %n step %c1
          iter_args(%x = %zero, %z = %one) -> (tensor<8xf32>, tensor<8xf32>) {
        %s = arith.addf %x, %z : tensor<8xf32>
        scf.yield %z, %s : tensor<8xf32>, tensor<8xf32>
      }
      %c, %d = tile.stream (%c0 to %c1 step %c1)
          carry(%a, %b : tensor<8xf32>, tensor<8xf32>)
      load (%i: index) {
        tile.yield
      }
      body (%i: index, %x: tensor<8xf32>, %z: tensor<8xf32>) {
        tile.yield %z, %x : tensor<8xf32>, tensor<8xf32>
      }
      %big = arith.cmpi sgt, %n, %c1 : index
      %r = scf.if %big -> tensor<8xf32> {
        scf.yield %d : tensor<8xf32>
      } else {
        scf.yield %c : tensor<8xf32>
      }
      tile.store %r, %yv[%c0]
          : tensor<8xf32>, memref<8xf32, strided<[1], offset: ?>>
      tile.return
    })",
                  GetParam());
  std::vector<float> y(8);
  kernels.run("fibonacci", {y, 10}, 1);
  EXPECT_EQ(y, std::vector<float>(8, 55.0f));
  kernels.run("fibonacci", {y, 1}, 1);
  EXPECT_EQ(y, std::vector<float>(8, 1.0f));
}

INSTANTIATE_TEST_SUITE_P(Processors, TileOps, testing::ValuesIn(processors()));

} // namespace
