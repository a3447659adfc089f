//===- ConvertTest.cpp - Conversions between types ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include "heed/Support/HalfFloat.h"

#include <cfenv>
#include <cmath>

using namespace heed;
using namespace heed::ptx::test;

namespace {

Words convert(const std::string &types, const std::string &to,
              const std::string &from, Words values) {
  size_t size = values.size();
  Words found = compute("cvt." + types + " %x, %a;", to, {from}, {values});
  found.resize(size);
  return found;
}

TEST(Convert, IntegersExtendTruncateAndSaturate) {
  EXPECT_EQ(convert("s64.s32", "b64", "b32", {0x80000000, 5}),
            (Words{0xffffffff80000000, 5}));
  EXPECT_EQ(convert("u64.u32", "b64", "b32", {0x80000000}),
            (Words{0x80000000}));
  EXPECT_EQ(convert("u32.u64", "b32", "b64", {0x123456789abcdef0}),
            (Words{0x9abcdef0}));
  EXPECT_EQ(convert("s32.s8", "b32", "b32", {0x17f, 0x180}),
            (Words{0x7f, 0xffffff80}));
  EXPECT_EQ(convert("u32.u8", "b32", "b32", {0x180}), (Words{0x80}));
  EXPECT_EQ(convert("u16.u32", "b16", "b32", {0x12345}), (Words{0x2345}));
  EXPECT_EQ(convert("sat.s8.s32", "b32", "b32", {1000, uint32_t(-1000), 5}),
            (Words{127, uint32_t(-128), 5}));
  EXPECT_EQ(convert("sat.u8.s32", "b32", "b32", {1000, uint32_t(-1000), 5}),
            (Words{255, 0, 5}));
}

TEST(Convert, FloatsToIntegers) {
  const float values[] = {2.5f, -2.5f, 3.5f, 0.75f, -0.25f, -7.0f};
  Words bits;
  for (float x : values)
    bits.push_back(toBits(x));
  auto run = [&](const char *mode, float (*f)(float)) {
    Words found = convert(std::string(mode) + ".s32.f32", "b32", "f32", bits);
    for (size_t i = 0; i != bits.size(); ++i)
      EXPECT_EQ(int32_t(found[i]), int32_t(f(values[i]))) << mode << values[i];
  };
  run("rni",
      [](float x) { return std::remainder(x, 2) == 1 ? x : std::rint(x); });
  run("rzi", std::trunc);
  run("rmi", std::floor);
  run("rpi", std::ceil);
  Words edges = {toBits(1e20f), toBits(-1e20f), toBits(NAN)};
  EXPECT_EQ(convert("rzi.s32.f32", "b32", "f32", edges),
            (Words{0x7fffffff, 0x80000000, 0}));
  EXPECT_EQ(convert("rzi.u32.f32", "b32", "f32", edges),
            (Words{0xffffffff, 0, 0}));
  EXPECT_EQ(
      convert("rzi.s64.f32", "b64", "f32", edges),
      (Words{0x7fffffffffffffff, 0x8000000000000000, 0x8000000000000000}));
}

TEST(Convert, IntegersToFloats) {
  std::mt19937_64 random(1);
  Words values;
  for (int i = 0; i != 200; ++i)
    values.push_back(random() >> (random() % 40));
  Words nearest = convert("rn.f32.s64", "f32", "b64", values);
  Words zero = convert("rz.f32.s64", "f32", "b64", values);
  for (size_t i = 0; i != values.size(); ++i) {
    int64_t x = int64_t(values[i]);
    float found = fromBits<float>(zero[i]);
    EXPECT_EQ(fromBits<float>(nearest[i]), float(x));
    EXPECT_LE(std::fabs((long double)found), std::fabs((long double)x));
    float next = std::nextafter(found, x < 0 ? -INFINITY : INFINITY);
    EXPECT_GT(std::fabs((long double)next), std::fabs((long double)x));
  }
  EXPECT_EQ(convert("rn.f32.u32", "f32", "b32", {0xffffffff})[0],
            toBits(4294967296.0f));
}

TEST(Convert, BetweenFloats) {
  std::mt19937 random(1);
  Words values;
  for (int i = 0; i != 300; ++i)
    values.push_back(random() & 0x7fffffff);
  values.push_back(toBits(-INFINITY));
  Words bf16 = convert("rn.bf16.f32", "b16", "f32", values);
  Words f16 = convert("rn.f16.f32", "b16", "f32", values);
  Words f64 = convert("f64.f32", "f64", "f32", values);
  Words integral = convert("rni.f32.f32", "f32", "f32", values);
  for (size_t i = 0; i != values.size(); ++i) {
    float x = fromBits<float>(values[i]);
    if (std::isnan(x)) {
      EXPECT_EQ(bf16[i], 0x7fffu);
      continue;
    }
    EXPECT_EQ(bf16[i], floatToBf16(x));
    EXPECT_EQ(f16[i], floatToF16(x));
    EXPECT_EQ(fromBits<double>(f64[i]), double(x));
    EXPECT_EQ(fromBits<float>(integral[i]), std::rint(x));
  }
  Words back = convert("f32.bf16", "f32", "b16", {0x3fc0, 0xff80});
  EXPECT_EQ(fromBits<float>(back[0]), 1.5f);
  EXPECT_EQ(fromBits<float>(back[1]), -INFINITY);
  EXPECT_EQ(fromBits<float>(convert("f32.f16", "f32", "b16", {0x3e00})[0]),
            1.5f);
  EXPECT_EQ(
      fromBits<float>(convert("sat.f32.f32", "f32", "f32", {toBits(1.5f)})[0]),
      1.0f);
  EXPECT_EQ(convert("rz.bf16.f32", "b16", "f32", {0x3f80ffff})[0], 0x3f80u);
  EXPECT_EQ(convert("rn.f32.f64", "f32", "f64", {toBits(0.1)})[0],
            toBits(0.1f));
}

TEST(Convert, PairsPutTheFirstOperandOnTop) {
  Words a = {toBits(1.5f), toBits(-3.0f)}, b = {toBits(-2.0f), toBits(0.1f)};
  Words found =
      compute("cvt.rn.bf16x2.f32 %x, %a, %b;", "b32", {"f32", "f32"}, {a, b});
  EXPECT_EQ(found[0], 0x3fc0c000u);
  EXPECT_EQ(found[1], 0xc0400000u | floatToBf16(0.1f));
  found = compute("cvt.rn.relu.f16x2.f32 %x, %a, %b;", "b32", {"f32", "f32"},
                  {a, b});
  EXPECT_EQ(found[0], 0x3e000000u);
  EXPECT_EQ(found[1], floatToF16(0.1f));
}

TEST(Convert, Tf32KeepsTenBits) {
  EXPECT_EQ(convert("rna.tf32.f32", "b32", "f32",
                    {0x3f801000, 0x3f800fff, 0xbf801000}),
            (Words{0x3f802000, 0x3f800000, 0xbf802000}));
}

} // namespace
