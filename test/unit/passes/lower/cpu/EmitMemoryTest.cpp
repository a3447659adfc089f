//===- EmitMemoryTest.cpp - Loads and stores on the CPU -------------------===//
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

class EmitMemory : public testing::TestWithParam<std::string> {};

TEST_P(EmitMemory, GatherAndScatter) {
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

/// Copies a tile of 6 x 7 at (%i, %j) of one view to the same place of another
/// and, transposed by strides, to a third. `E` is the element type.
const char *const kCopy = R"(
!r = memref<?x?xE, strided<[?, 1], offset: ?>>
!c = memref<?x?xE, strided<[1, ?], offset: ?>>
tile.kernel @copy(%x: memref<?xE>, %y: memref<?xE>, %z: memref<?xE>,
                  %m: index, %n: index, %i: index, %j: index) grid(1) {
  %c0 = arith.constant 0 : index
  %xv = tile.view %x[%c0] sizes [%m, %n] strides [%n, 1] : memref<?xE> to !r
  %yv = tile.view %y[%c0] sizes [%m, %n] strides [%n, 1] : memref<?xE> to !r
  %zv = tile.view %z[%c0] sizes [%m, %n] strides [1, %m] : memref<?xE> to !c
  %t = tile.load %xv[%i, %j] : !r -> tensor<6x7xE>
  tile.store %t, %yv[%i, %j] : tensor<6x7xE>, !r
  tile.store %t, %zv[%i, %j] : tensor<6x7xE>, !c
  tile.return
})";

template <typename T>
void checkCopy(const std::string &cpu, const std::string &element) {
  std::string text = kCopy;
  for (size_t at = 0; (at = text.find("xE", at)) != std::string::npos;)
    text.replace(at, 2, "x" + element);
  Kernels kernels(text, cpu);
  const int64_t m = 9, n = 10;
  const int64_t behind = 100; // what a store past the edge would hit
  std::vector<T> x(m * n);
  for (size_t e = 0; e < x.size(); ++e)
    x[e] = static_cast<T>(e + 1);
  for (int64_t i : {0, 3, 5, 8})
    for (int64_t j : {0, 2, 9}) {
      std::vector<T> y(m * n + behind), z = y, wantY = y, wantZ = y;
      kernels.run("copy", {x, y, z, m, n, i, j}, 1);
      for (int64_t r = i; r < std::min(i + 6, m); ++r)
        for (int64_t c = j; c < std::min(j + 7, n); ++c)
          wantY[r * n + c] = wantZ[c * m + r] = x[r * n + c];
      EXPECT_EQ(y, wantY) << element << " at " << i << ", " << j;
      EXPECT_EQ(z, wantZ) << element << " at " << i << ", " << j;
    }
}

TEST_P(EmitMemory, StoresAreClippedAtBothEdges) {
  checkCopy<float>(GetParam(), "f32");
  checkCopy<int32_t>(GetParam(), "i32");
  checkCopy<uint16_t>(GetParam(), "bf16");
}

TEST_P(EmitMemory, LoadsBeyondTheEdgeStayInside) {
  Kernels kernels(R"(
    !r = memref<?x?xf32, strided<[?, 1], offset: ?>>
    !o = memref<6x7xf32, strided<[7, 1], offset: ?>>
    tile.kernel @edge(%x: memref<?xf32>, %y: memref<?xf32>, %m: index,
                      %n: index, %ld: index) grid(1) {
      %c0 = arith.constant 0 : index
      %xv = tile.view %x[%c0] sizes [%m, %n] strides [%ld, 1]
          : memref<?xf32> to !r
      %yv = tile.view %y[%c0] sizes [6, 7] strides [7, 1] : memref<?xf32> to !o
      %t = tile.load %xv[%c0, %c0] : !r -> tensor<6x7xf32>
      tile.store %t, %yv[%c0, %c0] : tensor<6x7xf32>, !o
      tile.return
    })",
                  GetParam());
  // What lies outside of the view of 4 x 5 is NaN; zeros or copies are allowed.
  std::vector<float> x(10 * 10, std::nanf("")), y(6 * 7);
  for (int64_t r = 0; r < 4; ++r)
    for (int64_t c = 0; c < 5; ++c)
      x[r * 10 + c] = static_cast<float>(1 + r * 5 + c);
  kernels.run("edge", {x, y, 4, 5, 10}, 1);
  for (int64_t r = 0; r < 6; ++r)
    for (int64_t c = 0; c < 7; ++c) {
      if (r < 4 && c < 5)
        EXPECT_EQ(y[r * 7 + c], x[r * 10 + c]);
      else
        EXPECT_FALSE(std::isnan(y[r * 7 + c])) << r << ", " << c;
    }
}

INSTANTIATE_TEST_SUITE_P(Processors, EmitMemory,
                         testing::ValuesIn(processors()));

} // namespace
