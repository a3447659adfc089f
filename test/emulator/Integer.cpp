//===- Integer.cpp - Integer arithmetic -----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

#include <algorithm>
#include <limits>
#include <type_traits>

namespace heed::ptx {

namespace {

/// Twice as wide, with the same sign.
template <typename T>
using Wide = std::conditional_t<
    sizeof(T) == 8,
    std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>,
    std::conditional_t<
        sizeof(T) == 4,
        std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>,
        std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>>>;

/// Wraps as the hardware does, without the undefined behaviour of C++.
template <typename T> T wrap(Wide<T> value) { return static_cast<T>(value); }

struct Add {
  template <typename T> T operator()(T a, T b) const {
    return wrap<T>(Wide<T>(a) + Wide<T>(b));
  }
};
struct Sub {
  template <typename T> T operator()(T a, T b) const {
    return wrap<T>(Wide<T>(a) - Wide<T>(b));
  }
};
struct MulLo {
  template <typename T> T operator()(T a, T b) const {
    return wrap<T>(Wide<T>(a) * Wide<T>(b));
  }
};
struct MulHi {
  template <typename T> T operator()(T a, T b) const {
    return wrap<T>((Wide<T>(a) * Wide<T>(b)) >> (8 * sizeof(T)));
  }
};
struct MulWide {
  template <typename T> Wide<T> operator()(T a, T b) const {
    return Wide<T>(a) * Wide<T>(b);
  }
};
struct MadLo {
  template <typename T> T operator()(T a, T b, T c) const {
    return Add()(MulLo()(a, b), c);
  }
};
struct MadHi {
  template <typename T> T operator()(T a, T b, T c) const {
    return Add()(MulHi()(a, b), c);
  }
};
struct MadWide {
  template <typename T> Wide<T> operator()(T a, T b, Wide<T> c) const {
    return Add()(MulWide()(a, b), c);
  }
};
struct Min {
  template <typename T> T operator()(T a, T b) const { return std::min(a, b); }
};
struct Max {
  template <typename T> T operator()(T a, T b) const { return std::max(a, b); }
};
struct Neg {
  template <typename T> T operator()(T a) const { return Sub()(T(0), a); }
};
struct Abs {
  template <typename T> T operator()(T a) const { return a < 0 ? Neg()(a) : a; }
};
/// add.sat.s32: to the nearest value that there is.
struct AddSat {
  int32_t operator()(int32_t a, int32_t b) const {
    int64_t sum = int64_t(a) + b;
    return int32_t(std::clamp<int64_t>(sum, INT32_MIN, INT32_MAX));
  }
};
struct Sad {
  template <typename T> T operator()(T a, T b, T c) const {
    return Add()(c, a < b ? Sub()(b, a) : Sub()(a, b));
  }
};

/// Division by zero gives what the hardware leaves unspecified: an error here.
template <typename T, bool isRemainder>
Outcome divide(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    T a = as<T>(warp.rows[instruction.row(1)][lane]);
    T b = as<T>(warp.rows[instruction.row(2)][lane]);
    if (b == 0) {
      outcome = warp.fail("lane %d divides by zero", lane);
      return;
    }
    bool wraps = std::is_signed_v<T> && b == T(-1);
    T quotient = wraps ? Neg()(a) : T(a / b);
    T value = !isRemainder ? quotient : wraps ? T(0) : T(a % b);
    warp.rows[instruction.row(0)][lane] = bits(value);
  });
  return outcome;
}

template <typename T> void addType(Table &table, const std::string &type) {
  auto addBinary = [&](const char *name, Execute execute) {
    table.add(name + type, {execute, 1, 3});
  };
  addBinary("add.", binary<T, T, T, Add>);
  addBinary("sub.", binary<T, T, T, Sub>);
  addBinary("mul.lo.", binary<T, T, T, MulLo>);
  addBinary("mul.hi.", binary<T, T, T, MulHi>);
  addBinary("min.", binary<T, T, T, Min>);
  addBinary("max.", binary<T, T, T, Max>);
  addBinary("div.", divide<T, false>);
  addBinary("rem.", divide<T, true>);
  table.add("mad.lo." + type, {ternary<T, T, T, MadLo>, 1, 4});
  table.add("mad.hi." + type, {ternary<T, T, T, MadHi>, 1, 4});
  table.add("sad." + type, {ternary<T, T, T, Sad>, 1, 4});
}

template <typename T> void addNarrow(Table &table, const std::string &type) {
  table.add("mul.wide." + type, {binary<T, T, Wide<T>, MulWide>, 1, 3});
  table.add("mad.wide." + type, {ternary<T, Wide<T>, Wide<T>, MadWide>, 1, 4});
}

template <typename T> void addSigned(Table &table, const std::string &type) {
  table.add("neg." + type, {unary<T, T, Neg>, 1, 2});
  table.add("abs." + type, {unary<T, T, Abs>, 1, 2});
}

} // namespace

void addIntegerInstructions(Table &table) {
  addType<int16_t>(table, "s16");
  addType<uint16_t>(table, "u16");
  addType<int32_t>(table, "s32");
  addType<uint32_t>(table, "u32");
  addType<int64_t>(table, "s64");
  addType<uint64_t>(table, "u64");
  addNarrow<int16_t>(table, "s16");
  addNarrow<uint16_t>(table, "u16");
  addNarrow<int32_t>(table, "s32");
  addNarrow<uint32_t>(table, "u32");
  addSigned<int16_t>(table, "s16");
  addSigned<int32_t>(table, "s32");
  addSigned<int64_t>(table, "s64");
  table.add("add.sat.s32", {binary<int32_t, int32_t, int32_t, AddSat>, 1, 3});
}

} // namespace heed::ptx
