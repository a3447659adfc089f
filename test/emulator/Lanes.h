//===- Lanes.h - The same function for every lane ------------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What groups of instructions are made of: conversions between the 64 bits of
/// a row and values, and Execute functions made of a function of values.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_LANES_H
#define HEED_TEST_EMULATOR_LANES_H

#include "test/emulator/Machine.h"
#include "test/emulator/Table.h"

#include "heed/Support/HalfFloat.h"

#include <cmath>
#include <cstring>

namespace heed::ptx {

/// Half precision types, as their bits. Their arithmetic is done in double and
/// rounded once more, which gives the nearest result of a sum or a product, but
/// not of a sum of products (see HalfFma).
struct F16 {
  uint16_t bits;
};
struct Bf16 {
  uint16_t bits;
};

inline double widen(F16 x) { return f16ToDouble(x.bits); }
inline double widen(Bf16 x) { return bf16ToDouble(x.bits); }
inline void round(double x, F16 &out) { out.bits = doubleToF16(x); }
inline void round(double x, Bf16 &out) { out.bits = doubleToBf16(x); }

/// The value in the low bits of a row.
template <typename T> T as(uint64_t row) {
  T value;
  std::memcpy(&value, &row, sizeof(T));
  return value;
}

/// The row that holds `value`, zeros above.
template <typename T> uint64_t bits(const T &value) {
  uint64_t row = 0;
  std::memcpy(&row, &value, sizeof(T));
  return row;
}

template <typename F> void forEachLane(uint32_t lanes, F f) {
  if (lanes == allLanes) {
    for (int lane = 0; lane != 32; ++lane)
      f(lane);
    return;
  }
  for (; lanes; lanes &= lanes - 1)
    f(__builtin_ctz(lanes));
}

/// result = f(a), for f a stateless function object.
template <typename T, typename R, typename F>
Outcome unary(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Lanes &to = warp.rows[instruction.row(0)];
  const Lanes &a = warp.rows[instruction.row(1)];
  forEachLane(lanes,
              [&](int lane) { to[lane] = bits<R>(F()(as<T>(a[lane]))); });
  return Outcome::Next;
}

/// result = f(a, b). B is another type than T for shifts.
template <typename T, typename B, typename R, typename F>
Outcome binary(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Lanes &to = warp.rows[instruction.row(0)];
  const Lanes &a = warp.rows[instruction.row(1)];
  const Lanes &b = warp.rows[instruction.row(2)];
  forEachLane(lanes, [&](int lane) {
    to[lane] = bits<R>(F()(as<T>(a[lane]), as<B>(b[lane])));
  });
  return Outcome::Next;
}

/// result = f(a, b, c).
template <typename T, typename C, typename R, typename F>
Outcome ternary(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Lanes &to = warp.rows[instruction.row(0)];
  const Lanes &a = warp.rows[instruction.row(1)];
  const Lanes &b = warp.rows[instruction.row(2)];
  const Lanes &c = warp.rows[instruction.row(3)];
  forEachLane(lanes, [&](int lane) {
    to[lane] = bits<R>(F()(as<T>(a[lane]), as<T>(b[lane]), as<C>(c[lane])));
  });
  return Outcome::Next;
}

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_LANES_H
