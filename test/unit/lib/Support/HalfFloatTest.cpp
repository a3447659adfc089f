//===- HalfFloatTest.cpp --------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/HalfFloat.h"

#include "llvm/ADT/APFloat.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace heed;

namespace {

const llvm::fltSemantics &kBf16 = llvm::APFloat::BFloat();
const llvm::fltSemantics &kF16 = llvm::APFloat::IEEEhalf();

/// Narrows by LLVM's software floating point.
template <typename T>
uint16_t expected(T value, const llvm::fltSemantics &semantics) {
  llvm::APFloat wide(value);
  bool losesInfo;
  wide.convert(semantics, llvm::APFloat::rmNearestTiesToEven, &losesInfo);
  return static_cast<uint16_t>(wide.bitcastToAPInt().getZExtValue());
}

float widen(uint16_t bits, const llvm::fltSemantics &semantics) {
  return llvm::APFloat(semantics, llvm::APInt(16, bits)).convertToFloat();
}

void checkBoth(double value) {
  EXPECT_EQ(doubleToBf16(value), expected(value, kBf16)) << value;
  EXPECT_EQ(doubleToF16(value), expected(value, kF16)) << value;
  float single = static_cast<float>(value);
  EXPECT_EQ(floatToBf16(single), expected(single, kBf16)) << single;
  EXPECT_EQ(floatToF16(single), expected(single, kF16)) << single;
}

TEST(HalfFloat, WideningIsExactAndNarrowingUndoesIt) {
  for (uint32_t i = 0; i < 0x10000; ++i) {
    uint16_t bits = static_cast<uint16_t>(i);
    float bf16 = bf16ToFloat(bits), f16 = f16ToFloat(bits);
    if (bf16 == bf16) {
      EXPECT_EQ(bf16, widen(bits, kBf16));
      EXPECT_EQ(doubleToBf16(bf16), bits);
    }
    EXPECT_EQ(floatToBf16(bf16), bits);
    if (f16 == f16) {
      EXPECT_EQ(f16, widen(bits, kF16));
      EXPECT_EQ(doubleToF16(f16), bits);
    }
    EXPECT_EQ(floatToF16(f16), bits);
  }
}

TEST(HalfFloat, RoundsLikeSoftwareAtEveryMidpoint) {
  for (uint32_t i = 0; i < 0x7c00; ++i) {
    double low = f16ToDouble(static_cast<uint16_t>(i));
    double high = i == 0x7bff ? 65536.0 : f16ToDouble(uint16_t(i + 1));
    double middle = (low + high) / 2;
    for (double value :
         {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e9)}) {
      ASSERT_EQ(doubleToF16(value), expected(value, kF16)) << value;
      ASSERT_EQ(doubleToF16(-value), expected(-value, kF16)) << value;
    }
  }
  for (uint32_t i = 0; i < 0x7f7f; ++i) {
    double low = bf16ToDouble(static_cast<uint16_t>(i));
    double middle = (low + bf16ToDouble(uint16_t(i + 1))) / 2;
    for (double value :
         {middle, std::nextafter(middle, 0.0), std::nextafter(middle, 1e39)}) {
      ASSERT_EQ(doubleToBf16(value), expected(value, kBf16)) << value;
      float single = static_cast<float>(value);
      ASSERT_EQ(floatToBf16(single), expected(single, kBf16)) << single;
    }
  }
}

TEST(HalfFloat, AgreesWithSoftwareOnRandomBits) {
  uint64_t state = 1;
  for (int i = 0; i < 20000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    // Spread over the exponents of float, where the formats differ.
    double value =
        std::ldexp(double(int64_t(state)), int((state >> 20) % 320) - 240);
    checkBoth(value);
  }
}

TEST(HalfFloat, LimitsOverflowAndUnderflow) {
  for (double value : {0.0,
                       -0.0,
                       65504.0,
                       65519.999,
                       65520.0,
                       -65520.0,
                       0x1p-24,
                       0x1p-25,
                       0x1.8p-25,
                       0x1p-26,
                       3.3895e38,
                       3.39615e38,
                       3.4e38,
                       1e300,
                       -1e300,
                       1e-45,
                       0x1p-133,
                       0x1p-134,
                       0x1.8p-134,
                       1e-300,
                       5e-324,
                       std::numeric_limits<double>::infinity(),
                       -std::numeric_limits<double>::infinity()})
    checkBoth(value);
}

/// By way of float this value would become a tie and round down.
TEST(HalfFloat, DoubleIsRoundedOnce) {
  double value = 1.0 + 0x1p-8 + 0x1p-40;
  EXPECT_EQ(doubleToBf16(value), 0x3f81);
  EXPECT_EQ(floatToBf16(static_cast<float>(value)), 0x3f80);
}

TEST(HalfFloat, NaNsStayNaNs) {
  for (uint32_t bits :
       {0x7f800001u, 0xff800001u, 0x7fc00000u, 0x7fa12345u, 0xffffffffu}) {
    float value;
    std::memcpy(&value, &bits, sizeof(value));
    uint16_t bf16 = floatToBf16(value), f16 = floatToF16(value);
    EXPECT_TRUE(std::isnan(bf16ToFloat(bf16))) << std::hex << bits;
    EXPECT_TRUE(std::isnan(f16ToFloat(f16))) << std::hex << bits;
    EXPECT_EQ(bf16 >> 15, bits >> 31);
    EXPECT_EQ(f16 >> 15, bits >> 31);
  }
  for (uint64_t bits : {0x7ff0000000000001u, 0xfff8000000000000u}) {
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    EXPECT_TRUE(std::isnan(bf16ToFloat(doubleToBf16(value))));
    EXPECT_TRUE(std::isnan(f16ToFloat(doubleToF16(value))));
    EXPECT_EQ(doubleToF16(value) >> 15, bits >> 63);
  }
}

} // namespace
