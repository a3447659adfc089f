//===- EmitMmaTest.cpp - Products of all forms and odd shapes -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

#include <utility>

using namespace heed::test;

namespace {

class EmitMma : public testing::TestWithParam<std::string> {};

/// y = y + A B for one shape; `a` and `b` lie as the two flags say.
std::string productOf(const std::string &name, int64_t m, int64_t n, int64_t k,
                      bool transposeA, bool transposeB) {
  auto shape = [](int64_t r, int64_t c, bool turned) {
    return turned ? std::pair(c, r) : std::pair(r, c);
  };
  std::string views, loads, types;
  for (auto [x, size] : {std::pair("a", shape(m, k, transposeA)),
                         {"b", shape(k, n, transposeB)},
                         {"y", std::pair(m, n)}}) {
    std::string v = x, r = std::to_string(size.first);
    std::string c = std::to_string(size.second);
    std::string view =
        "memref<" + r + "x" + c + "xf32, strided<[" + c + ", 1], offset: ?>>";
    std::string tile = "tensor<" + r + "x" + c + "xf32>";
    views += "%v" + v + " = tile.view %" + v + "[%c0] sizes [" + r + ", " + c +
             "] strides [" + c + ", 1] : memref<?xf32> to " + view + "\n";
    loads += "%t" + v + " = tile.load %v" + v + "[%c0, %c0] : " + view +
             " -> " + tile + "\n";
    types += (types.empty() ? "" : ", ") + tile;
    if (v == "y")
      loads += "%r = tile.mma %ta, %tb, %ty {" +
               std::string(transposeA ? "transpose_a" : "") +
               (transposeA && transposeB ? ", " : "") +
               (transposeB ? "transpose_b" : "") + "} : " + types +
               "\ntile.store %r, %vy[%c0, %c0] : " + tile + ", " + view + "\n";
  }
  return "tile.kernel @" + name +
         "(%a: memref<?xf32>, %b: memref<?xf32>, %y: memref<?xf32>) grid(1) {\n"
         "%c0 = arith.constant 0 : index\n" +
         views + loads + "tile.return\n}\n";
}

TEST_P(EmitMma, OddShapes) {
  struct Shape {
    int64_t m, n, k;
  };
  const Shape shapes[] = {{1, 1, 1},  {1, 17, 5},  {7, 1, 3},
                          {8, 9, 33}, {9, 8, 1},   {9, 31, 4},
                          {17, 1, 7}, {11, 13, 3}, {32, 24, 16}};
  std::string text;
  auto nameOf = [](const Shape &s, int flags) {
    return "p" + std::to_string(s.m) + "_" + std::to_string(s.n) + "_" +
           std::to_string(flags);
  };
  for (const Shape &s : shapes)
    for (int flags = 0; flags < 4; ++flags)
      text += productOf(nameOf(s, flags), s.m, s.n, s.k, flags & 1, flags & 2);
  Kernels kernels(text, GetParam());
  for (const Shape &s : shapes)
    for (int flags = 0; flags < 4; ++flags) {
      std::vector<float> a = randomFloats(s.m * s.k, 9);
      std::vector<float> b = randomFloats(s.k * s.n, 10);
      std::vector<float> y = randomFloats(s.m * s.n, 11);
      std::vector<double> want(y.begin(), y.end());
      for (int64_t i = 0; i < s.m; ++i)
        for (int64_t j = 0; j < s.n; ++j)
          for (int64_t l = 0; l < s.k; ++l)
            want[i * s.n + j] +=
                double(flags & 1 ? a[l * s.m + i] : a[i * s.k + l]) *
                (flags & 2 ? b[j * s.k + l] : b[l * s.n + j]);
      kernels.run(nameOf(s, flags), {a, b, y}, 1);
      EXPECT_LT(relativeError(y, want), 1e-6) << nameOf(s, flags);
    }
}

// The sum's first operand is asked for again after the product, under another
// name: a widening of a narrow tile shares its memory.
TEST_P(EmitMma, AccumulatorStaysIfItIsUsedAgain) {
  Kernels kernels(R"(
    !n = memref<16x16xbf16, strided<[16, 1], offset: ?>>
    !f = memref<16x16xf32, strided<[16, 1], offset: ?>>
    tile.kernel @again(%x: memref<?xbf16>, %y: memref<?xf32>) grid(1) {
      %c0 = arith.constant 0 : index
      %xv = tile.view %x[%c0] sizes [16, 16] strides [16, 1]
          : memref<?xbf16> to !n
      %yv = tile.view %y[%c0] sizes [16, 16] strides [16, 1]
          : memref<?xf32> to !f
      %t = tile.load %xv[%c0, %c0] : !n -> tensor<16x16xbf16>
      %w = arith.extf %t : tensor<16x16xbf16> to tensor<16x16xf32>
      %one = arith.constant dense<1.0> : tensor<16x4xf32>
      %two = arith.constant dense<2.0> : tensor<4x16xf32>
      %p = tile.mma %one, %two, %w
          : tensor<16x4xf32>, tensor<4x16xf32>, tensor<16x16xf32>
      %s = arith.subf %p, %w : tensor<16x16xf32>
      tile.store %s, %yv[%c0, %c0] : tensor<16x16xf32>, !f
      tile.return
    })",
                  GetParam());
  std::vector<uint16_t> x(256, toBF16(3.0f));
  std::vector<float> y(256);
  kernels.run("again", {x, y}, 1);
  EXPECT_EQ(y, std::vector<float>(256, 8.0f));
}

INSTANTIATE_TEST_SUITE_P(Processors, EmitMma, testing::ValuesIn(processors()));

} // namespace
