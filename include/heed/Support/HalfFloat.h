//===- HalfFloat.h - bfloat16 and half precision ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Converts between float, double and the two 16-bit formats, whose values are
/// held as their bits in `uint16_t`.
///
/// Widening is exact. Narrowing rounds once, to nearest, ties to even, also
/// from double (going by way of float would round twice); what is too large
/// becomes an infinity, what is small a subnormal or a zero of the same sign.
/// A NaN stays a NaN of the same sign and keeps the leading bits of its
/// payload.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_SUPPORT_HALFFLOAT_H
#define HEED_SUPPORT_HALFFLOAT_H

#include <cstdint>
#include <cstring>

namespace heed {

/// Widens the bits of a bfloat16.
inline float bf16ToFloat(uint16_t bits) {
  uint32_t wide = static_cast<uint32_t>(bits) << 16;
  float value;
  std::memcpy(&value, &wide, sizeof(value));
  return value;
}
inline double bf16ToDouble(uint16_t bits) { return bf16ToFloat(bits); }

/// Widens the bits of an IEEE half.
float f16ToFloat(uint16_t bits);
inline double f16ToDouble(uint16_t bits) { return f16ToFloat(bits); }

/// Rounds to bfloat16.
uint16_t floatToBf16(float value);
uint16_t doubleToBf16(double value);

/// Rounds to IEEE half.
uint16_t floatToF16(float value);
uint16_t doubleToF16(double value);

} // namespace heed

#endif // HEED_SUPPORT_HALFFLOAT_H
