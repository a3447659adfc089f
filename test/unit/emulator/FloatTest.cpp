//===- FloatTest.cpp - Floating-point arithmetic against exact sums -------===//
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

constexpr uint64_t nan32 = 0x7fffffff;

/// Edge values of f32, all pairs of them, and a third column.
std::vector<Words> triples() {
  std::mt19937 random(2);
  std::vector<uint32_t> some = {0,          0x80000000, 0x3f800000, 0xbf800000,
                                0x7f800000, 0xff800000, 0x7fc00000, 1,
                                0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff,
                                0x33800000, 0x34000001};
  for (int i = 0; i != 12; ++i)
    some.push_back(uint32_t(random()) % 0x7f000000 | uint32_t(random() % 2)
                                                         << 31);
  for (int i = 0; i != 8; ++i)
    some.push_back(0x3f000000 + uint32_t(random()) % 0x1000000);
  std::vector<Words> out(3);
  for (uint32_t a : some)
    for (uint32_t b : some) {
      out[0].push_back(a);
      out[1].push_back(b);
      out[2].push_back(some[random() % some.size()]);
    }
  return out;
}

float value(uint64_t bits) { return fromBits<float>(bits); }
uint64_t canonical(float x) { return std::isnan(x) ? nan32 : toBits(x); }
float flushed(float x) {
  return std::fabs(x) < 0x1p-126f ? std::copysign(0.0f, x) : x;
}

using Function = std::function<float(float, float, float)>;

void check(const std::string &mnemonic, int operands, const Function &f) {
  std::vector<Words> values = triples();
  std::string names = operands == 1   ? "%a"
                      : operands == 2 ? "%a, %b"
                                      : "%a, %b, %c";
  Words found = compute(mnemonic + " %x, " + names + ";", "f32",
                        {"f32", "f32", "f32"}, values);
  for (size_t i = 0; i != values[0].size(); ++i)
    ASSERT_EQ(found[i], canonical(f(value(values[0][i]), value(values[1][i]),
                                    value(values[2][i]))))
        << mnemonic << " " << value(values[0][i]) << ", " << value(values[1][i])
        << ", " << value(values[2][i]);
}

TEST(Float, NearestSumsAndProducts) {
  // The processor rounds sums, products and quotients to nearest, as the ISA
  // wants.
  check("add.f32", 2, [](float a, float b, float) { return a + b; });
  check("sub.rn.f32", 2, [](float a, float b, float) { return a - b; });
  check("mul.f32", 2, [](float a, float b, float) { return a * b; });
  check("div.rn.f32", 2, [](float a, float b, float) { return a / b; });
  check("sqrt.rn.f32", 1,
        [](float a, float, float) { return float(std::sqrt(double(a))); });
  check("neg.f32", 1, [](float a, float, float) { return a * -1; });
  check("abs.f32", 1,
        [](float a, float, float) { return std::copysign(a, 1.0f); });
}

TEST(Float, FmaRoundsOnce) {
  // In the range where a double holds product and sum exactly.
  Words a, b, c;
  std::mt19937 random(4);
  for (int i = 0; i != 500; ++i)
    for (Words *column : {&a, &b, &c})
      column->push_back(toBits(float(int(random() % 4001) - 2000) / 512));
  a.push_back(toBits(1 + 0x1p-23f));
  b.push_back(toBits(1 - 0x1p-23f));
  c.push_back(toBits(-1.0f));
  Words found = compute("fma.rn.f32 %x, %a, %b, %c;", "f32",
                        {"f32", "f32", "f32"}, {a, b, c});
  for (size_t i = 0; i != a.size(); ++i)
    ASSERT_EQ(value(found[i]),
              float(double(value(a[i])) * value(b[i]) + value(c[i])));
  EXPECT_EQ(value(found[a.size() - 1]), -0x1p-46f);
}

TEST(Float, Flushes) {
  check("add.ftz.f32", 2, [](float a, float b, float) {
    return flushed(flushed(a) + flushed(b));
  });
  check("mul.rn.ftz.f32", 2, [](float a, float b, float) {
    return flushed(flushed(a) * flushed(b));
  });
  check("max.ftz.f32", 2, [](float a, float b, float) {
    return std::isnan(a)   ? flushed(b)
           : std::isnan(b) ? flushed(a)
           : flushed(a) > flushed(b) ||
                   (flushed(a) == flushed(b) && !std::signbit(a))
               ? flushed(a)
               : flushed(b);
  });
}

TEST(Float, Saturates) {
  check("add.sat.f32", 2, [](float a, float b, float) {
    float sum = a + b;
    return sum > 0 ? std::min(sum, 1.0f) : 0; // NaN and -0 become 0.
  });
}

TEST(Float, ExtremesIgnoreOrKeepNan) {
  auto less = [](float a, float b) {
    return a < b || (a == b && std::signbit(a) && !std::signbit(b));
  };
  check("min.f32", 2, [&](float a, float b, float) {
    return std::isnan(a) ? b : std::isnan(b) ? a : less(a, b) ? a : b;
  });
  check("max.NaN.f32", 2, [&](float a, float b, float) {
    return std::isnan(a) ? a : std::isnan(b) ? b : less(a, b) ? b : a;
  });
}

/// Directed results lie on their side of the exact one, within one step.
TEST(Float, RoundsToOneSide) {
  std::vector<Words> values = triples();
  for (const char *root : {"add", "mul", "fma"})
    for (const char *mode : {"rz", "rm", "rp"}) {
      bool isFma = root == std::string("fma");
      Words found = compute(std::string(root) + "." + mode + ".f32 %x, %a, %b" +
                                (isFma ? ", %c;" : ";"),
                            "f32", {"f32", "f32", "f32"}, values);
      for (size_t i = 0; i != values[0].size(); ++i) {
        double a = value(values[0][i]), b = value(values[1][i]),
               c = value(values[2][i]);
        // Numbers for which long double is exact.
        auto isTame = [](double x) {
          return x == 0 || (std::fabs(x) > 0x1p-10 && std::fabs(x) < 0x1p10);
        };
        if (!isTame(a) || !isTame(b) || !isTame(c))
          continue;
        using Exact = long double;
        Exact exact = root == std::string("add") ? Exact(a) + b : Exact(a) * b;
        exact += isFma ? c : 0;
        float up = std::nextafter(float(exact), INFINITY);
        float down = std::nextafter(float(exact), -INFINITY);
        float above = float(exact) >= exact ? float(exact) : up;
        float below = float(exact) <= exact ? float(exact) : down;
        float wanted = mode == std::string("rp")   ? above
                       : mode == std::string("rm") ? below
                       : exact > 0                 ? below
                                                   : above;
        ASSERT_EQ(value(found[i]), wanted) << root << mode << a << ", " << b;
      }
    }
}

/// What cancels is +0, but -0 where sums round down; zeros of one sign keep it.
TEST(Float, SignsOfZero) {
  Words a = {toBits(1.5f),  toBits(-1.5f), toBits(0.0f),
             toBits(-0.0f), toBits(0.0f),  toBits(-0.0f)},
        b = {toBits(-1.5f), toBits(1.5f), toBits(-0.0f),
             toBits(0.0f),  toBits(0.0f), toBits(-0.0f)},
        one(6, toBits(1.0f)), minus(6, toBits(-1.0f));
  for (const char *mode : {"rn", "rz", "rp", "rm"}) {
    uint64_t left = mode == std::string("rm") ? 0x80000000 : 0;
    Words wanted = {left, left, left, left, 0, 0x80000000};
    auto run = [&](const std::string &root, const char *operands,
                   const std::vector<Words> &values) {
      Words found = compute(root + "." + mode + ".f32 %x, " + operands + ";",
                            "f32", {"f32", "f32", "f32"}, values);
      found.resize(6);
      EXPECT_EQ(found, wanted) << root << "." << mode;
    };
    run("add", "%a, %b", {a, b});
    run("fma", "%a, %c, %b", {a, b, one});
    for (size_t i = 0; i != 6; ++i)
      minus[i] = b[i] ^ 0x80000000;
    run("sub", "%a, %c", {a, b, minus});
  }
}

/// Products of halves that are ties between two halves, and addends so small
/// that double forgets them: they still say where the tie goes.
TEST(Float, TinyAddendsBreakTies) {
  auto bf16 = [](float x) { return uint64_t(floatToBf16(x)); };
  // (1 + 2^-4)^2 is 1 + 2^-3 + 2^-8, a tie between 0x3f90 and 0x3f91; with
  // (1 + 2^-4)(1 + 3 * 2^-4) = 1 + 2^-2 + 3 * 2^-8, between 0x3fa1 and 0x3fa2.
  Words a(6, bf16(1.0625f)), b = {bf16(1.0625f), bf16(1.0625f), bf16(1.0625f),
                                  bf16(1.1875f), bf16(1.1875f), bf16(1.1875f)},
                             c = {0, bf16(0x1p-90f), bf16(-0x1p-90f),
                                  0, bf16(0x1p-90f), bf16(-0x1p-90f)};
  Words found = compute("fma.rn.bf16 %x, %a, %b, %c;", "b16",
                        {"b16", "b16", "b16"}, {a, b, c});
  found.resize(6);
  EXPECT_EQ(found, (Words{0x3f90, 0x3f91, 0x3f90, 0x3fa2, 0x3fa2, 0x3fa1}));
  found = compute("fma.rn.relu.bf16 %x, %a, %b, %c;", "b16",
                  {"b16", "b16", "b16"}, {a, b, c});
  EXPECT_EQ(found[1], 0x3f91u);
}

/// Halves of pairs are computed alone, each rounded from the exact value.
TEST(Float, PairsOfHalves) {
  std::mt19937 random(9);
  Words a, b, c;
  for (int i = 0; i != 300; ++i)
    for (Words *column : {&a, &b, &c}) {
      float low = float(int(random() % 513) - 256) / 64;
      float high = float(int(random() % 513) - 256) / 16;
      column->push_back(uint64_t(floatToBf16(high)) << 16 | floatToBf16(low));
    }
  Words found = compute("fma.rn.bf16x2 %x, %a, %b, %c;", "b32",
                        {"b32", "b32", "b32"}, {a, b, c});
  for (size_t i = 0; i != a.size(); ++i)
    for (int shift : {0, 16}) {
      auto half = [&](uint64_t word) {
        return bf16ToFloat(uint16_t(word >> shift));
      };
      float wanted = half(a[i]) * half(b[i]) + half(c[i]);
      ASSERT_EQ(uint16_t(found[i] >> shift), floatToBf16(wanted));
    }
  EXPECT_EQ(compute("max.bf16x2 %x, %a, %b;", "b32", {"b32", "b32"},
                    {{0x3f80c000}, {0xbf803f80}})[0],
            0x3f803f80u);
  EXPECT_EQ(compute("add.f16 %x, %a, %b;", "b16", {"b16", "b16"},
                    {{0x3c00}, {0x4000}})[0],
            0x4200u);
}

TEST(Float, Doubles) {
  std::vector<Words> values(2);
  std::mt19937 random(1);
  for (int i = 0; i != 100; ++i)
    for (Words &column : values)
      column.push_back(toBits(double(int(random())) / 977));
  auto run = [&](const char *name) {
    return compute(std::string(name) + " %x, %a, %b;", "f64", {"f64", "f64"},
                   values);
  };
  Words sums = run("add.f64"), products = run("mul.rn.f64"),
        quotients = run("div.rn.f64");
  for (size_t i = 0; i != values[0].size(); ++i) {
    double a = fromBits<double>(values[0][i]),
           b = fromBits<double>(values[1][i]);
    EXPECT_EQ(fromBits<double>(sums[i]), a + b);
    EXPECT_EQ(fromBits<double>(products[i]), a * b);
    EXPECT_EQ(fromBits<double>(quotients[i]), a / b);
  }
}

} // namespace
