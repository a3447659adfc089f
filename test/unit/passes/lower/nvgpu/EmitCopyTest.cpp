//===- EmitCopyTest.cpp - Copies to shared memory -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// y = x * one^T where x is loaded from (i, j) of a view: its rows' sums, in
/// every column. `$S` is the stride of the view in the type, `%s` its value.
const char *const text = R"(
!v = memref<?x?x$E, strided<[$S, 1], offset: ?>>
!o = memref<?x8xf32, strided<[8, 1], offset: ?>>
tile.kernel @sum(%x: memref<?x$E>, %y: memref<?xf32>, %m: index, %n: index,
                 %i: index) grid(1) {
  %c0 = arith.constant 0 : index
  %c16 = arith.constant 16 : index
  %j = arith.muli %i, %c16 : index
  %s = arith.constant $S : index
  %xv = tile.view %x[%c0] sizes [%m, %n] strides [$S, 1] : memref<?x$E> to !v
  %yv = tile.view %y[%c0] sizes [%c16, 8] strides [8, 1] : memref<?xf32> to !o
  %t = tile.load %xv[%i, %j] : !v -> tensor<16x32x$E>
  %one = arith.constant dense<1.0> : tensor<8x32x$E>
  %zero = arith.constant dense<0.0> : tensor<16x8xf32>
  %r = tile.mma %t, %one, %zero {transpose_b}
      : tensor<16x32x$E>, tensor<8x32x$E>, tensor<16x8xf32>
  tile.store %r, %yv[%c0, %c0] : tensor<16x8xf32>, !o
  tile.return
})";

void check(const std::string &element, int64_t stride) {
  bool narrow = element == "bf16";
  Kernels kernels(fill(text, {{"$E", element}, {"$S", std::to_string(stride)}}),
                  "sm_80");
  // Whole, cut at the right, cut below, both; the last column is single.
  for (auto [m, n, i] : {std::tuple<int64_t, int64_t, int64_t>(40, 48, 1),
                         {40, 43, 1},
                         {10, 48, 1},
                         {11, 17, 1},
                         {16, 32, 0}}) {
    std::vector<float> x = randomFloats(m * stride, 4);
    for (float &value : x)
      value = narrow ? fromBF16(toBF16(value)) : value;
    std::vector<uint16_t> x16 = toBF16(x);
    std::vector<float> y(16 * 8, 7.0f);
    kernels.run("sum", {narrow ? Word(x16) : Word(x), y, m, n, i}, 1);
    for (int64_t r = 0; r < std::min<int64_t>(16, m - i); ++r) {
      double sum = 0;
      for (int64_t c = 16 * i; c < std::min(16 * i + 32, n); ++c)
        sum += x[(i + r) * stride + c];
      for (int64_t c = 0; c < 8; ++c)
        EXPECT_NEAR(y[r * 8 + c], sum, 1e-5)
            << element << " " << stride << " row " << r << " of " << m << "x"
            << n;
    }
  }
}

TEST(NvgpuCopy, ZerosComeFromOutside) {
  for (int64_t stride : {48, 50, 51, 52})
    for (const char *element : {"f32", "bf16"})
      check(element, stride);
}

TEST(NvgpuCopy, PiecesAreAsLargeAsAlignmentAllows) {
  auto ptx = [](const char *element, const char *stride) {
    return ptxOf(fill(text, {{"$E", element}, {"$S", stride}}));
  };
  auto copies = [](const std::string &ptx, const std::string &kind) {
    return countOf(ptx, "cp.async." + kind);
  };
  // 16 rows of 32 bf16 are 64 pieces of 16 bytes: two for each of 32 threads.
  EXPECT_EQ(copies(ptx("bf16", "48"), "cg.shared.global"), 2u);
  EXPECT_EQ(copies(ptx("bf16", "52"), "ca.shared.global"), 4u);
  EXPECT_EQ(copies(ptx("bf16", "51"), "c"), 1u) << "only the commit";
  EXPECT_EQ(copies(ptx("f32", "48"), "cg.shared.global"), 4u);
  EXPECT_EQ(copies(ptx("f32", "50"), "ca.shared.global"), 8u);
}

} // namespace
