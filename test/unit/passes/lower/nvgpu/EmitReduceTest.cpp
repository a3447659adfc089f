//===- EmitReduceTest.cpp - Reductions of all shapes on a GPU -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

#include <limits>

using namespace heed::test;

namespace {

/// Reductions over columns and over rows of x, and of the results to numbers.
const char *const text = R"(
!v = memref<?x$Nx$E, strided<[$N, 1], offset: ?>>
!l = memref<?x$E, strided<[1], offset: ?>>
tile.kernel @reduce(%x: memref<?x$E>, %r: memref<?x$E>, %c: memref<?x$E>,
                    %s: memref<?x$E>) grid(1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %m = arith.constant $M : index
  %n = arith.constant $N : index
  %xv = tile.view %x[%c0] sizes [%m, $N] strides [$N, 1] : memref<?x$E> to !v
  %rv = tile.view %r[%c0] sizes [%m] strides [1] : memref<?x$E> to !l
  %cv = tile.view %c[%c0] sizes [%n] strides [1] : memref<?x$E> to !l
  %t = tile.load %xv[%c0, %c0] : !v -> tensor<$Mx$Nx$E>
  %rows = tile.reduce <$K> %t over 1 : tensor<$Mx$Nx$E> -> tensor<$Mx$E>
  %columns = tile.reduce <$K> %t over 0 : tensor<$Mx$Nx$E> -> tensor<$Nx$E>
  tile.store %rows, %rv[%c0] : tensor<$Mx$E>, !l
  tile.store %columns, %cv[%c0] : tensor<$Nx$E>, !l
  %a = tile.reduce <$K> %rows over 0 : tensor<$Mx$E> -> $E
  %b = tile.reduce <$K> %columns over 0 : tensor<$Nx$E> -> $E
  memref.store %a, %s[%c0] : memref<?x$E>
  memref.store %b, %s[%c1] : memref<?x$E>
  $PRODUCT
  tile.return
})";

/// Makes the tiles lie as products do.
const char *const product = R"(
  %p = arith.constant dense<1.0> : tensor<$Mx16xf32>
  %q = arith.constant dense<1.0> : tensor<16x8xf32>
  %z = arith.constant dense<1.0> : tensor<$Mx8xf32>
  %d = tile.mma %p, %q, %z
      : tensor<$Mx16xf32>, tensor<16x8xf32>, tensor<$Mx8xf32>)";

template <typename T> T combine(const std::string &kind, T x, T y) {
  return kind == "add"   ? x + y
         : kind == "max" ? std::max(x, y)
                         : std::min(x, y);
}

/// Whole numbers, so that every order of a sum gives the same.
template <typename T>
void check(const std::string &element, const std::string &kind, int64_t m,
           int64_t n, bool asProduct) {
  Kernels kernels(fill(text, {{"$PRODUCT", asProduct ? product : ""},
                              {"$E", element},
                              {"$K", kind},
                              {"$M", std::to_string(m)},
                              {"$N", std::to_string(n)}}),
                  "sm_80");
  std::vector<T> x(m * n), rows(m, T(99)), columns(n, T(99)), both(2);
  for (int64_t i = 0; i < m * n; ++i)
    x[i] = T(i * 37 % 101 - 50);
  kernels.run("reduce", {x, rows, columns, both}, 1);
  T all = x[0];
  for (int64_t i = 1; i < m * n; ++i)
    all = combine(kind, all, x[i]);
  for (int64_t i = 0; i < m; ++i) {
    T want = x[i * n];
    for (int64_t j = 1; j < n; ++j)
      want = combine(kind, want, x[i * n + j]);
    EXPECT_EQ(rows[i], want) << kind << " row " << i << " of " << m << "x" << n;
  }
  for (int64_t j = 0; j < n; ++j) {
    T want = x[j];
    for (int64_t i = 1; i < m; ++i)
      want = combine(kind, want, x[i * n + j]);
    EXPECT_EQ(columns[j], want)
        << kind << " column " << j << " of " << m << "x" << n;
  }
  EXPECT_EQ(both, std::vector<T>(2, all)) << kind << " " << m << "x" << n;
}

TEST(NvgpuReduce, AllShapes) {
  for (auto [m, n] : {std::pair<int64_t, int64_t>(1, 1),
                      {1, 200},
                      {3, 5},
                      {8, 64},
                      {16, 24},
                      {40, 7},
                      {64, 64},
                      {80, 10}})
    for (bool asProduct : {false, true}) {
      check<float>("f32", "add", m, n, asProduct);
      check<float>("f32", "max", m, n, asProduct);
      check<int32_t>("i32", "min", m, n, asProduct);
    }
  check<int32_t>("i32", "add", 40, 20, true);
  check<int32_t>("i32", "max", 40, 20, true);
  check<float>("f32", "min", 40, 20, true);
}

} // namespace
