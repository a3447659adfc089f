//===- ExpandMathTest.cpp - Polynomials against libm ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs each expanded function over its range, ends and NaN included, and
/// compares with the C library in double precision. Prints the largest errors.
///
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace heed::test;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

/// A kernel that applies `op` to 1024 elements a program.
std::string kernelOf(const std::string &name, const std::string &op) {
  std::string text = R"(
    !v = memref<?xf32, strided<[1], offset: ?>>
    tile.kernel @NAME(%x: memref<?xf32>, %y: memref<?xf32>, %n: index)
        grid(%n by 1024) {
      %c1024 = arith.constant 1024 : index
      %c0 = arith.constant 0 : index
      %p = tile.program_id 0
      %i = arith.muli %p, %c1024 : index
      %xv = tile.view %x[%c0] sizes [%n] strides [1] : memref<?xf32> to !v
      %yv = tile.view %y[%c0] sizes [%n] strides [1] : memref<?xf32> to !v
      %a = tile.load %xv[%i] : !v -> tensor<1024xf32>
      %b = OP %a : tensor<1024xf32>
      tile.store %b, %yv[%i] : tensor<1024xf32>, !v
      tile.return
    })";
  text.replace(text.find("NAME"), 4, name);
  text.replace(text.find("OP"), 2, op);
  return text;
}

struct Case {
  const char *op;
  double (*exact)(double);
  float low, high;
  double bound; // in units in the last place of max(|result|, floor)
  float floor;
};

double reciprocalRoot(double x) { return 1 / std::sqrt(x); }

const Case kCases[] = {
    {"math.exp2", std::exp2, -126, 127.99f, 1.5, 0},
    {"math.exp", std::exp, -87.3f, 88.7f, 2.0, 0},
    {"math.log", std::log, 1e-30f, 1e30f, 1.5, 0},
    {"math.log2", std::log2, 0.01f, 1e6f, 3.0, 0},
    {"math.tanh", std::tanh, -10, 10, 2.5, 0},
    {"math.rsqrt", reciprocalRoot, 1e-30f, 1e30f, 1.5, 0},
    // Near a zero of sin, the error is that of the last place of 1.
    {"math.sin", std::sin, -131072, 131072, 1.0, 1},
    {"math.cos", std::cos, -131072, 131072, 1.0, 1},
};

class ExpandMath : public testing::TestWithParam<std::string> {
protected:
  ExpandMath() : kernels(allKernels(), GetParam()) {}

  static std::string allKernels() {
    std::string text;
    for (const Case &c : kCases)
      text += kernelOf(std::string(c.op).substr(5), c.op);
    // One alias is enough for all.
    std::string alias = "!v = memref<?xf32, strided<[1], offset: ?>>";
    for (size_t at;
         (at = text.find(alias, text.find(alias) + 1)) != std::string::npos;)
      text.erase(at, alias.size());
    return text;
  }

  std::vector<float> apply(const std::string &op, std::vector<float> x) {
    std::vector<float> y(x.size());
    kernels.run(op.substr(5), {x, y, static_cast<int64_t>(x.size())},
                (static_cast<int64_t>(x.size()) + 1023) / 1024);
    return y;
  }

  Kernels kernels;
};

TEST_P(ExpandMath, Accuracy) {
  for (const Case &c : kCases) {
    std::vector<float> x;
    bool logarithmic = c.low > 0;
    for (int i = 0; i < 200000; ++i) {
      double t = i / 199999.0;
      x.push_back(static_cast<float>(
          logarithmic ? c.low * std::pow(double(c.high) / c.low, t)
                      : c.low + t * (double(c.high) - c.low)));
    }
    std::vector<float> y = apply(c.op, x);
    double worst = 0;
    float at = 0;
    for (size_t i = 0; i < x.size(); ++i) {
      double want = c.exact(x[i]);
      double size = std::max(std::fabs(want), double(c.floor));
      float near = static_cast<float>(size);
      double ulp = std::nextafter(near, kInfinity) - near;
      double error = std::fabs(y[i] - want) / ulp;
      if (!(error <= worst)) {
        worst = error;
        at = x[i];
      }
    }
    std::printf("  %-10s %s: %.2f ulp at %g\n", c.op, GetParam().c_str(), worst,
                at);
    EXPECT_LE(worst, c.bound) << c.op << " at " << at;
  }
}

TEST_P(ExpandMath, Ends) {
  auto one = [&](const char *op, float x) { return apply(op, {x})[0]; };
  for (const Case &c : kCases)
    EXPECT_TRUE(std::isnan(one(c.op, kNaN))) << c.op;
  EXPECT_EQ(one("math.exp2", -kInfinity), 0.0f);
  EXPECT_EQ(one("math.exp2", kInfinity), kInfinity);
  EXPECT_EQ(one("math.exp2", -1e30f), 0.0f);
  EXPECT_EQ(one("math.exp2", 128.0f), kInfinity);
  EXPECT_EQ(one("math.exp2", 0.0f), 1.0f);
  EXPECT_EQ(one("math.exp2", 10.0f), 1024.0f);
  EXPECT_EQ(one("math.exp", -kInfinity), 0.0f);
  EXPECT_EQ(one("math.exp", kInfinity), kInfinity);
  EXPECT_EQ(one("math.exp", 0.0f), 1.0f);
  EXPECT_EQ(one("math.log", 0.0f), -kInfinity);
  EXPECT_EQ(one("math.log", 1.0f), 0.0f);
  EXPECT_EQ(one("math.log", kInfinity), kInfinity);
  EXPECT_TRUE(std::isnan(one("math.log", -1.0f)));
  EXPECT_EQ(one("math.tanh", kInfinity), 1.0f);
  EXPECT_EQ(one("math.tanh", -kInfinity), -1.0f);
  EXPECT_EQ(one("math.sin", 0.0f), 0.0f);
  EXPECT_EQ(one("math.cos", 0.0f), 1.0f);
}

INSTANTIATE_TEST_SUITE_P(Processors, ExpandMath,
                         testing::ValuesIn(processors()));

} // namespace
