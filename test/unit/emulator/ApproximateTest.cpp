//===- ApproximateTest.cpp - Approximations stay within their bounds ------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include "heed/Support/HalfFloat.h"

#include <cmath>
#include <functional>

using namespace heed;
using namespace heed::ptx::test;

namespace {

struct Bound {
  const char *mnemonic;
  double least, most;
  double (*exact)(double);
  double relative, absolute;
};

/// The bounds that the ISA documents.
const Bound bounds[] = {
    {"ex2.approx.ftz.f32", -100, 100, std::exp2, 0x1p-22, 0},
    {"ex2.approx.f32", -140, 100, std::exp2, 0x1p-22, 0x1p-149},
    {"lg2.approx.f32", 0.5, 2, std::log2, 0, 0x1p-22},
    {"lg2.approx.ftz.f32", 2, 1e30, std::log2, 0x1p-22, 0},
    {"sin.approx.f32", -3.1, 3.1, std::sin, 0, 0x1p-20},
    {"cos.approx.ftz.f32", -3.1, 3.1, std::cos, 0, 0x1p-20},
    {"tanh.approx.f32", -5, 5, std::tanh, 0x1p-11, 0},
    {"rcp.approx.ftz.f32", 1e-3, 1e3, [](double x) { return 1 / x; }, 0x1p-23,
     0},
    {"sqrt.approx.f32", 1e-3, 1e6, std::sqrt, 0x1p-23, 0},
    {"rsqrt.approx.ftz.f32", 1e-3, 1e6,
     [](double x) { return 1 / std::sqrt(x); }, 0x1p-22, 0}};

TEST(Approximate, ErrorsAreBoundedAndThere) {
  for (const Bound &bound : bounds) {
    std::mt19937 random(6);
    std::uniform_real_distribution<double> range(bound.least, bound.most);
    Words x;
    for (int i = 0; i != 2000; ++i)
      x.push_back(toBits(float(range(random))));
    Words found =
        compute(std::string(bound.mnemonic) + " %x, %a;", "f32", {"f32"}, {x});
    double worst = 0;
    for (size_t i = 0; i != x.size(); ++i) {
      double wanted = bound.exact(fromBits<float>(x[i]));
      double error = std::fabs(fromBits<float>(found[i]) - wanted);
      double allowed = std::fabs(wanted) * bound.relative + bound.absolute;
      worst = std::max(worst, error / allowed);
    }
    EXPECT_LE(worst, 1) << bound.mnemonic;
    EXPECT_GE(worst, 0.3) << bound.mnemonic << " is better than it may be";
  }
}

TEST(Approximate, SpecialValues) {
  auto ex2 = [](float x) {
    return fromBits<float>(compute("ex2.approx.ftz.f32 %x, %a;", "f32", {"f32"},
                                   {{toBits(x)}})[0]);
  };
  EXPECT_EQ(ex2(-INFINITY), 0);
  EXPECT_EQ(ex2(INFINITY), INFINITY);
  EXPECT_EQ(ex2(0), 1);
  EXPECT_EQ(ex2(-3), 0.125);
  EXPECT_EQ(ex2(-130), 0) << "a subnormal result is flushed";
  EXPECT_TRUE(std::isnan(ex2(NAN)));
  auto rcp = [](float x) {
    return fromBits<float>(
        compute("rcp.approx.f32 %x, %a;", "f32", {"f32"}, {{toBits(x)}})[0]);
  };
  EXPECT_EQ(rcp(0), INFINITY);
  EXPECT_EQ(rcp(-INFINITY), 0);
}

TEST(Approximate, Quotients) {
  std::mt19937 random(8);
  Words a, b;
  for (int i = 0; i != 500; ++i) {
    a.push_back(toBits(float(random() % 10000) / 7));
    b.push_back(toBits(float(random() % 10000 + 1) / 13));
  }
  for (const char *name : {"div.approx.f32", "div.full.ftz.f32"}) {
    Words found = compute(std::string(name) + " %x, %a, %b;", "f32",
                          {"f32", "f32"}, {a, b});
    for (size_t i = 0; i != a.size(); ++i) {
      double wanted = double(fromBits<float>(a[i])) / fromBits<float>(b[i]);
      EXPECT_NEAR(fromBits<float>(found[i]), wanted, wanted * 0x1p-22);
    }
  }
}

TEST(Approximate, Halves) {
  for (float x : {-2.0f, -0.3f, 0.1f, 0.7f, 1.9f}) {
    uint64_t pair = uint64_t(floatToBf16(x)) << 16 | floatToBf16(-x);
    uint64_t found =
        compute("tanh.approx.bf16x2 %x, %a;", "b32", {"b32"}, {{pair}})[0];
    double wanted = std::tanh(bf16ToDouble(floatToBf16(x)));
    EXPECT_NEAR(bf16ToDouble(uint16_t(found >> 16)), wanted, 0x1p-8);
    EXPECT_NEAR(bf16ToDouble(uint16_t(found)), -wanted, 0x1p-8);
  }
}

} // namespace
