//===- HalfFloat.cpp - bfloat16 and half precision ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/HalfFloat.h"

namespace heed {

namespace {

/// A binary format of at most 16 bits: sign, `exponentBits`, `fractionBits`.
struct SmallFormat {
  int exponentBits;
  int fractionBits;

  int bias() const { return (1 << (exponentBits - 1)) - 1; }
  uint16_t infinity() const {
    return static_cast<uint16_t>(((1 << exponentBits) - 1) << fractionBits);
  }
};

constexpr SmallFormat kBf16 = {8, 7};
constexpr SmallFormat kF16 = {5, 10};

/// The fraction bits of a double.
constexpr int kFractionBits = 52;
constexpr int kBias = 1023;

} // namespace

/// Shifts right by `shift` bits, rounding to nearest, ties to even.
static uint64_t shiftRounding(uint64_t value, int shift) {
  if (shift > 63)
    return 0;
  uint64_t half = uint64_t(1) << (shift - 1);
  uint64_t rest = value & (2 * half - 1);
  uint64_t quotient = value >> shift;
  if (rest > half || (rest == half && (quotient & 1)))
    ++quotient;
  return quotient;
}

/// Rounds the finite or infinite magnitude with the bits `bits` of a double.
static uint16_t roundMagnitude(uint64_t bits, SmallFormat format) {
  int exponent = static_cast<int>(bits >> kFractionBits) - kBias;
  // Doubles below the normal range are below half of any 16-bit subnormal.
  if (exponent == -kBias)
    return 0;
  if (exponent > format.bias())
    return format.infinity();
  uint64_t significand = (bits & ((uint64_t(1) << kFractionBits) - 1)) |
                         (uint64_t(1) << kFractionBits);
  int shift = kFractionBits - format.fractionBits;
  int lowest = 1 - format.bias();
  if (exponent < lowest)
    return static_cast<uint16_t>(
        shiftRounding(significand, shift + (lowest - exponent)));
  // The hidden bit adds one to the exponent; a carry out of the rounding
  // does the same, up to infinity.
  uint64_t base = static_cast<uint64_t>(exponent + format.bias() - 1)
                  << format.fractionBits;
  return static_cast<uint16_t>(base + shiftRounding(significand, shift));
}

static uint16_t narrow(double value, SmallFormat format) {
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  uint16_t sign = static_cast<uint16_t>((bits >> 63) << 15);
  bits &= ~(uint64_t(1) << 63);
  if (value == value)
    return sign | roundMagnitude(bits, format);
  uint16_t fractionMask = static_cast<uint16_t>((1 << format.fractionBits) - 1);
  uint16_t payload = static_cast<uint16_t>(
      (bits >> (kFractionBits - format.fractionBits)) & fractionMask);
  if (!payload)
    payload = static_cast<uint16_t>(1 << (format.fractionBits - 1));
  return sign | format.infinity() | payload;
}

/// Whether the bits of a float are those of a NaN. Going by way of double
/// would set its quiet bit.
static bool splitNaN(float value, uint32_t &bits) {
  std::memcpy(&bits, &value, sizeof(bits));
  return value != value;
}

uint16_t doubleToBf16(double value) { return narrow(value, kBf16); }
uint16_t doubleToF16(double value) { return narrow(value, kF16); }

uint16_t floatToBf16(float value) {
  uint32_t bits;
  if (!splitNaN(value, bits)) {
    // A carry runs into the exponent, as it must.
    bits += 0x7fff + ((bits >> 16) & 1);
    return static_cast<uint16_t>(bits >> 16);
  }
  uint16_t top = static_cast<uint16_t>(bits >> 16);
  return (top & 0x7f) ? top : static_cast<uint16_t>(top | 0x40);
}

uint16_t floatToF16(float value) {
  uint32_t bits;
  if (!splitNaN(value, bits))
    return narrow(value, kF16);
  uint16_t payload = static_cast<uint16_t>((bits >> 13) & 0x3ff);
  uint16_t sign = static_cast<uint16_t>((bits >> 16) & 0x8000);
  return sign | kF16.infinity() | (payload ? payload : 0x200);
}

float f16ToFloat(uint16_t half) {
  uint32_t sign = static_cast<uint32_t>(half & 0x8000) << 16;
  uint32_t exponent = (half >> 10) & 0x1f;
  uint32_t fraction = half & 0x3ff;
  uint32_t bits;
  if (exponent == 0) {
    // A multiple of 2^-24, which float holds as a normal number.
    float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    std::memcpy(&bits, &magnitude, sizeof(bits));
  } else {
    uint32_t wide = exponent == 0x1f ? 0xff : exponent - 15 + 127;
    bits = (wide << 23) | (fraction << 13);
  }
  bits |= sign;
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

} // namespace heed
