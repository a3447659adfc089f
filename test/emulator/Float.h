//===- Float.h - Functions of floating-point values ----------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Wraps a function of float or double for every floating-point type: flushes
/// subnormals where the instruction says .ftz, clamps to [0, 1] where it says
/// .sat, and makes NaNs the one that the hardware makes.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_FLOAT_H
#define HEED_TEST_EMULATOR_FLOAT_H

#include "test/emulator/Lanes.h"

namespace heed::ptx {

/// Two halves of one register, the lower one first.
template <typename T> struct Pair {
  T low, high;
};

inline float flush(float x) {
  return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x;
}
inline double flush(double x) { return x; }

/// The number value + rest, without error.
struct Unrounded {
  double value, rest;
  bool cancels = false; ///< Numbers of two signs that leave zero.
};

/// Knuth's sum.
inline Unrounded sumOf(double a, double b) {
  double sum = a + b, partOfB = sum - a;
  return {sum, (a - (sum - partOfB)) + (b - partOfB),
          sum == 0 && std::signbit(a) != std::signbit(b)};
}

template <bool ftz> float load(float x) { return ftz ? flush(x) : x; }
template <bool ftz> double load(double x) { return x; }
template <bool ftz> double load(Bf16 x) { return widen(x); }
template <bool ftz> double load(F16 x) {
  bool isSubnormal = (x.bits & 0x7c00) == 0;
  return ftz && isSubnormal ? std::copysign(0.0, widen(x)) : widen(x);
}

template <bool ftz> void store(float x, float &out) {
  uint32_t nan = 0x7fffffff;
  if (std::isnan(x))
    std::memcpy(&out, &nan, sizeof(nan));
  else
    out = load<ftz>(x);
}
template <bool ftz> void store(double x, double &out) { out = x; }
template <bool ftz> void store(double x, Bf16 &out) {
  round(x, out);
  if (std::isnan(x))
    out.bits = 0x7fff;
}
template <bool ftz> void store(double x, F16 &out) {
  round(x, out);
  if (std::isnan(x))
    out.bits = 0x7fff;
  else if (ftz && (out.bits & 0x7c00) == 0)
    out.bits &= 0x8000;
}

/// Clamps to [0, 1]; NaN becomes 0.
template <typename W> W saturate(W x) { return x > 0 ? (x < 1 ? x : 1) : 0; }

template <typename T, typename Op, bool ftz, bool sat> struct Arithmetic {
  template <typename... Args> T operator()(Args... args) const {
    auto value = Op()(load<ftz>(args)...);
    T out;
    store<ftz>(sat ? saturate(value) : value, out);
    return out;
  }
};

template <typename T, typename Op, bool ftz, bool sat>
struct Arithmetic<Pair<T>, Op, ftz, sat> {
  template <typename... Args> Pair<T> operator()(Args... args) const {
    Arithmetic<T, Op, ftz, sat> one;
    return {one(args.low...), one(args.high...)};
  }
};

/// The form of an instruction of `operands` operands of type T, the result
/// among them.
template <typename T, int operands, typename F> Form formOf() {
  if constexpr (operands == 2)
    return {unary<T, T, F>, 1, 2};
  else if constexpr (operands == 3)
    return {binary<T, T, T, F>, 1, 3};
  else
    return {ternary<T, T, T, F>, 1, 4};
}

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_FLOAT_H
