//===- EmitMmaTest.cpp - Products of all shapes on a GPU ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// y = z + op(a) * op(b); the outer sizes are ragged against the tiles.
const char *const text = R"(
!v = memref<?x?x$E, strided<[?, 1], offset: ?>>
!o = memref<?x?xf32, strided<[?, 1], offset: ?>>
tile.kernel @product(%a: memref<?x$E>, %b: memref<?x$E>, %z: memref<?xf32>,
                     %y: memref<?xf32>, %m: index, %n: index, %lda: index,
                     %ldb: index, %ra: index, %rb: index) grid(1) {
  %c0 = arith.constant 0 : index
  %av = tile.view %a[%c0] sizes [%ra, %lda] strides [%lda, 1]
      : memref<?x$E> to !v
  %bv = tile.view %b[%c0] sizes [%rb, %ldb] strides [%ldb, 1]
      : memref<?x$E> to !v
  %zv = tile.view %z[%c0] sizes [%m, %n] strides [%n, 1] : memref<?xf32> to !o
  %yv = tile.view %y[%c0] sizes [%m, %n] strides [%n, 1] : memref<?xf32> to !o
  %at = tile.load %av[%c0, %c0] : !v -> tensor<$Ax$E>
  %bt = tile.load %bv[%c0, %c0] : !v -> tensor<$Bx$E>
  %zt = tile.load %zv[%c0, %c0] : !o -> tensor<$Cxf32>
  $COMPUTED
  %r = tile.mma %left, %bt, %zt $T
      : tensor<$Ax$E>, tensor<$Bx$E>, tensor<$Cxf32>
  tile.store %r, %yv[%c0, %c0] : tensor<$Cxf32>, !o
  tile.return
})";

struct Shape {
  int64_t m, n, k;
};

std::string sizes(int64_t rows, int64_t columns) {
  return std::to_string(rows) + "x" + std::to_string(columns);
}

/// The kernel for tiles of `s`; `computed`: the left operand is in registers.
std::string kernelOf(Shape s, bool turnA, bool turnB, bool narrow,
                     bool computed) {
  std::string flags = turnA ? "transpose_a" : "";
  if (turnB)
    flags += turnA ? ", transpose_b" : "transpose_b";
  std::string same = "%left = arith.negf %at : tensor<$Ax$E>";
  std::string none = "%left = arith.select %true, %at, %at : tensor<$Ax$E>\n";
  std::string body = text;
  if (!computed)
    body = fill(body, {{"%left", "%at"}});
  return fill(body, {{"$COMPUTED", computed ? same : ""},
                     {"$T", flags.empty() ? "" : "{" + flags + "}"},
                     {"$A", turnA ? sizes(s.k, s.m) : sizes(s.m, s.k)},
                     {"$B", turnB ? sizes(s.n, s.k) : sizes(s.k, s.n)},
                     {"$C", sizes(s.m, s.n)},
                     {"$E", narrow ? "bf16" : "f32"}});
}

std::vector<float> rounded(std::vector<float> x, bool narrow) {
  for (float &value : x)
    value = narrow ? fromBF16(toBF16(value)) : value;
  return x;
}

void check(Shape s, bool turnA, bool turnB, bool narrow, bool computed) {
  Kernels kernels(kernelOf(s, turnA, turnB, narrow, computed), "sm_80");
  std::vector<float> a = rounded(randomFloats(s.m * s.k, 1), narrow);
  std::vector<float> b = rounded(randomFloats(s.k * s.n, 2), narrow);
  std::vector<float> z = randomFloats(s.m * s.n, 3), y(s.m * s.n + 1, 7.0f);
  std::vector<uint16_t> a16 = toBF16(a), b16 = toBF16(b);
  kernels.run("product",
              {narrow ? Word(a16) : Word(a), narrow ? Word(b16) : Word(b), z, y,
               s.m, s.n, turnA ? s.m : s.k, turnB ? s.k : s.n,
               turnA ? s.k : s.m, turnB ? s.n : s.k},
              1);
  std::vector<double> want(z.begin(), z.end());
  for (int64_t i = 0; i < s.m; ++i)
    for (int64_t j = 0; j < s.n; ++j)
      for (int64_t k = 0; k < s.k; ++k)
        want[i * s.n + j] += (computed ? -1.0 : 1.0) *
                             a[turnA ? k * s.m + i : i * s.k + k] *
                             b[turnB ? j * s.k + k : k * s.n + j];
  EXPECT_LT(relativeError(y, want), 1e-6)
      << sizes(s.m, s.n) << "x" << s.k << turnA << turnB << narrow << computed;
  EXPECT_EQ(y.back(), 7.0f);
}

TEST(NvgpuMma, AllOrientations) {
  for (bool narrow : {false, true})
    for (bool computed : {false, true})
      for (int turns = 0; turns < 4; ++turns)
        check({32, 24, 48}, turns & 1, turns & 2, narrow, computed);
}

/// One row, half blocks, blocks that warps do not divide, odd sizes.
TEST(NvgpuMma, AllShapes) {
  for (Shape s : {Shape{1, 8, 16},
                  {3, 5, 7},
                  {8, 32, 64},
                  {9, 16, 8},
                  {16, 40, 20},
                  {24, 8, 33},
                  {40, 16, 16},
                  {64, 64, 64},
                  {80, 24, 32},
                  {128, 8, 16}})
    for (bool narrow : {false, true})
      for (int turns : {0, 2, 3})
        check(s, turns & 1, turns & 2, narrow, turns == 2);
}

} // namespace
