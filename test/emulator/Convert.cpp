//===- Convert.cpp - Conversions between types ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"

#include <limits>
#include <type_traits>

namespace heed::ptx {

namespace {

/// Rounding to a representable value, or (second half) to an integer.
enum Mode { None, Rn, Rz, Rm, Rp, Rna, Rni, Rzi, Rmi, Rpi };
constexpr const char *modeNames[] = {"",     ".rn",  ".rz",  ".rm",  ".rp",
                                     ".rna", ".rni", ".rzi", ".rmi", ".rpi"};
/// Bits of variant[1].
enum Flag { Sat = 1, Ftz = 2, Relu = 4 };

/// Wide enough for every value of every type.
using Exact = long double;

template <typename T> Exact widenExact(T x) { return Exact(x); }
template <> Exact widenExact(F16 x) { return widen(x); }
template <> Exact widenExact(Bf16 x) { return widen(x); }

template <typename T> constexpr bool isHalf = false;
template <> constexpr bool isHalf<F16> = true;
template <> constexpr bool isHalf<Bf16> = true;
template <typename T>
constexpr bool isFloating = std::is_floating_point_v<T> || isHalf<T>;

Exact toIntegral(Exact x, int32_t mode) {
  switch (mode) {
  case Rni:
    return std::nearbyint(x);
  case Rzi:
    return std::trunc(x);
  case Rmi:
    return std::floor(x);
  case Rpi:
    return std::ceil(x);
  default:
    return x;
  }
}

/// The neighbour of `x` towards zero (or away from it).
template <typename T> T neighbour(T x, bool towardsZero) {
  if constexpr (isHalf<T>)
    return {uint16_t(x.bits + (towardsZero ? -1 : 1))};
  else
    return std::nextafter(
        x, towardsZero ? T(0)
                       : std::copysign(std::numeric_limits<T>::infinity(), x));
}

/// Rounds to nearest, then moves by one step if the mode asks for another
/// direction.
template <typename T> T roundTo(Exact x, int32_t mode) {
  T nearest;
  if constexpr (isHalf<T>)
    store<false>(double(x), nearest);
  else
    store<false>(T(x), nearest);
  Exact found = widenExact(nearest);
  if (std::isnan(x) || found == x || mode == None || mode == Rn || mode >= Rna)
    return nearest;
  bool up = mode == Rp || (mode == Rz && x < 0);
  if (up == (found > x))
    return nearest;
  return neighbour(nearest, (x > 0) != up);
}

template <typename To> To toInteger(Exact x) {
  constexpr To least = std::numeric_limits<To>::min();
  constexpr To most = std::numeric_limits<To>::max();
  return x <= Exact(least) ? least : x >= Exact(most) ? most : To(x);
}

template <typename To, typename From>
To floatToInteger(From value, int32_t mode) {
  Exact x = toIntegral(widenExact(value), mode);
  if (!std::isnan(x))
    return toInteger<To>(x);
  bool isWide = sizeof(From) == 8 || sizeof(To) == 8;
  return isWide ? To(uint64_t(1) << (8 * sizeof(To) - 1)) : To(0);
}

template <typename To, typename From>
To convertOne(From value, int32_t mode, int32_t flags) {
  if constexpr (!isFloating<To> && !isFloating<From>) {
    return flags & Sat ? toInteger<To>(Exact(value)) : To(value);
  } else if constexpr (!isFloating<To>) {
    if constexpr (std::is_same_v<From, float>)
      value = flags & Ftz ? flush(value) : value;
    return floatToInteger<To>(value, mode);
  } else {
    if constexpr (std::is_same_v<From, float>)
      value = flags & Ftz ? flush(value) : value;
    Exact x = toIntegral(widenExact(value), mode);
    if (flags & Sat)
      x = saturate(x);
    if (flags & Relu)
      x = x <= 0 ? 0 : x;
    To out = roundTo<To>(x, mode);
    if constexpr (std::is_same_v<To, float>)
      out = flags & Ftz ? flush(out) : out;
    return out;
  }
}

/// A register that is wider than a signed integer holds its sign above.
template <typename T> uint64_t extended(T value) {
  if constexpr (std::is_signed_v<T> && !isFloating<T>)
    return uint64_t(int64_t(value));
  else
    return bits(value);
}

template <typename To, typename From>
Outcome convert(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Lanes &to = warp.rows[instruction.row(0)];
  const Lanes &from = warp.rows[instruction.row(1)];
  forEachLane(lanes, [&](int lane) {
    to[lane] = extended(convertOne<To>(
        as<From>(from[lane]), instruction.variant[0], instruction.variant[1]));
  });
  return Outcome::Next;
}

/// cvt.rn.T x2.f32 d, a, b: a goes to the upper half.
template <typename T>
Outcome convertPair(Warp &warp, const Instruction &instruction,
                    uint32_t lanes) {
  forEachLane(lanes, [&](int lane) {
    auto half = [&](int i) {
      float x = as<float>(warp.rows[instruction.row(i)][lane]);
      return convertOne<T>(x, instruction.variant[0], instruction.variant[1]);
    };
    warp.rows[instruction.row(0)][lane] = bits(Pair<T>{half(2), half(1)});
  });
  return Outcome::Next;
}

/// cvt.rna.tf32.f32: 10 bits of fraction, ties away from zero.
struct ToTf32 {
  uint32_t operator()(uint32_t x) const {
    bool isFinite = (x & 0x7f800000) != 0x7f800000;
    return isFinite ? (x + 0x1000) & 0xffffe000 : x;
  }
};
/// cvt.rn.tf32.f32: ties to even.
struct ToTf32Even {
  uint32_t operator()(uint32_t x) const {
    bool isFinite = (x & 0x7f800000) != 0x7f800000;
    return isFinite ? (x + 0xfff + (x >> 13 & 1)) & 0xffffe000 : x;
  }
};

/// Adds cvt{mode}{.ftz}{.sat}.to.from.
template <typename To, typename From>
void add(Table &table, Mode mode, const std::string &types, bool hasFlags) {
  for (int flags = 0; flags <= (hasFlags ? Sat | Ftz : 0); ++flags)
    table.add(std::string("cvt") + modeNames[mode] +
                  (flags & Ftz ? ".ftz" : "") + (flags & Sat ? ".sat" : "") +
                  types,
              {convert<To, From>, 1, 2, 0, {mode, flags}});
}

template <typename To, typename From>
void addTypes(Table &table, const char *to, const char *from) {
  std::string types = std::string(".") + to + "." + from;
  if constexpr (!isFloating<To> && !isFloating<From>) {
    table.add("cvt" + types, {convert<To, From>, 1, 2, 0, {None, 0}});
    table.add("cvt.sat" + types, {convert<To, From>, 1, 2, 0, {None, Sat}});
  } else if constexpr (!isFloating<To>) {
    for (Mode mode : {Rni, Rzi, Rmi, Rpi})
      add<To, From>(table, mode, types, true);
  } else if constexpr (!isFloating<From>) {
    for (Mode mode : {Rn, Rz, Rm, Rp})
      add<To, From>(table, mode, types, false);
  } else if constexpr (std::is_same_v<To, From>) {
    for (Mode mode : {None, Rni, Rzi, Rmi, Rpi})
      add<To, From>(table, mode, types, true);
  } else if constexpr (sizeof(To) > sizeof(From)) {
    add<To, From>(table, None, types, true);
  } else {
    for (Mode mode : {Rn, Rz, Rm, Rp})
      add<To, From>(table, mode, types, true);
  }
}

template <typename To> void addTo(Table &table, const char *to) {
  addTypes<To, int8_t>(table, to, "s8");
  addTypes<To, uint8_t>(table, to, "u8");
  addTypes<To, int16_t>(table, to, "s16");
  addTypes<To, uint16_t>(table, to, "u16");
  addTypes<To, int32_t>(table, to, "s32");
  addTypes<To, uint32_t>(table, to, "u32");
  addTypes<To, int64_t>(table, to, "s64");
  addTypes<To, uint64_t>(table, to, "u64");
  addTypes<To, F16>(table, to, "f16");
  addTypes<To, Bf16>(table, to, "bf16");
  addTypes<To, float>(table, to, "f32");
  addTypes<To, double>(table, to, "f64");
}

template <typename T> void addPairs(Table &table, const std::string &type) {
  for (Mode mode : {Rn, Rz}) {
    std::string stem = std::string("cvt") + modeNames[mode];
    table.add(stem + "." + type + "x2.f32",
              {convertPair<T>, 1, 3, 0, {mode, 0}});
    table.add(stem + ".relu." + type + "x2.f32",
              {convertPair<T>, 1, 3, 0, {mode, Relu}});
    table.add(stem + ".relu." + type + ".f32",
              {convert<T, float>, 1, 2, 0, {mode, Relu}});
  }
}

} // namespace

void addConvertInstructions(Table &table) {
  addTo<int8_t>(table, "s8");
  addTo<uint8_t>(table, "u8");
  addTo<int16_t>(table, "s16");
  addTo<uint16_t>(table, "u16");
  addTo<int32_t>(table, "s32");
  addTo<uint32_t>(table, "u32");
  addTo<int64_t>(table, "s64");
  addTo<uint64_t>(table, "u64");
  addTo<F16>(table, "f16");
  addTo<Bf16>(table, "bf16");
  addTo<float>(table, "f32");
  addTo<double>(table, "f64");
  addPairs<F16>(table, "f16");
  addPairs<Bf16>(table, "bf16");
  table.add("cvt.rna.tf32.f32", {unary<uint32_t, uint32_t, ToTf32>, 1, 2});
  table.add("cvt.rn.tf32.f32", {unary<uint32_t, uint32_t, ToTf32Even>, 1, 2});
}

} // namespace heed::ptx
