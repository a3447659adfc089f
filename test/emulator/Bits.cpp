//===- Bits.cpp - Logic, shifts and fields of bits ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

#include <algorithm>
#include <type_traits>

namespace heed::ptx {

namespace {

struct And {
  template <typename T> T operator()(T a, T b) const { return T(a & b); }
};
struct Or {
  template <typename T> T operator()(T a, T b) const { return T(a | b); }
};
struct Xor {
  template <typename T> T operator()(T a, T b) const { return T(a ^ b); }
};
struct Not {
  template <typename T> T operator()(T a) const { return T(~a); }
};
struct NotPredicate {
  uint8_t operator()(uint8_t a) const { return !(a & 1); }
};
/// cnot: whether it is zero.
struct IsZero {
  template <typename T> T operator()(T a) const { return a == 0; }
};
/// Shifts by more than the width shift everything out.
struct Shl {
  template <typename T> T operator()(T a, uint32_t by) const {
    return by >= 8 * sizeof(T) ? T(0) : T(a << by);
  }
};
struct Shr {
  template <typename T> T operator()(T a, uint32_t by) const {
    uint32_t most = 8 * sizeof(T) - 1;
    if (by > most && !std::is_signed_v<T>)
      return 0;
    return T(a >> std::min(by, most));
  }
};
struct Popc {
  template <typename T> uint32_t operator()(T a) const {
    return uint32_t(__builtin_popcountll(a));
  }
};
struct Clz {
  template <typename T> uint32_t operator()(T a) const {
    uint32_t width = 8 * sizeof(T);
    return a == 0 ? width : uint32_t(__builtin_clzll(a)) - (64 - width);
  }
};
struct Brev {
  template <typename T> T operator()(T a) const {
    T out = 0;
    for (unsigned i = 0; i != 8 * sizeof(T); ++i)
      out |= T((a >> i) & 1) << (8 * sizeof(T) - 1 - i);
    return out;
  }
};
/// The position of the leading bit that is no sign, or all ones.
struct Bfind {
  template <typename T> uint32_t operator()(T a) const {
    using U = std::make_unsigned_t<T>;
    U magnitude = a < 0 ? U(~a) : U(a);
    return magnitude == 0 ? ~0u : 63u - uint32_t(__builtin_clzll(magnitude));
  }
};
/// `length` bits from `position`, extended by their sign if T has one.
struct Bfe {
  template <typename T>
  T operator()(T a, uint32_t position, uint32_t length) const {
    using U = std::make_unsigned_t<T>;
    uint32_t last = 8 * sizeof(T) - 1;
    auto bit = [&](uint32_t i) { return U(U(a) >> i & 1); };
    position &= 255;
    length &= 255;
    U sign = std::is_signed_v<T> && length != 0
                 ? bit(std::min(position + length - 1, last))
                 : U(0);
    U field = 0;
    for (uint32_t i = 0; i <= last; ++i)
      field |= U((i < length && position + i <= last ? bit(position + i) : sign)
                 << i);
    return T(field);
  }
};
struct Lop3 {
  uint32_t operator()(uint32_t a, uint32_t b, uint32_t c, uint32_t map) const {
    uint32_t out = 0;
    for (int i = 0; i != 8; ++i)
      if (map >> i & 1)
        out |= (i & 4 ? a : ~a) & (i & 2 ? b : ~b) & (i & 1 ? c : ~c);
    return out;
  }
};

/// Eight bytes of a and b, chosen by the nibbles of the selector; bit 3 of a
/// nibble replicates the sign of the byte.
struct Prmt {
  uint32_t operator()(uint32_t a, uint32_t b, uint32_t selector) const {
    uint64_t bytes = uint64_t(b) << 32 | a;
    uint32_t out = 0;
    for (int i = 0; i != 4; ++i) {
      uint32_t nibble = selector >> (4 * i) & 15;
      uint8_t byte = uint8_t(bytes >> (8 * (nibble & 7)));
      if (nibble & 8)
        byte = byte & 0x80 ? 0xff : 0;
      out |= uint32_t(byte) << (8 * i);
    }
    return out;
  }
};

/// Funnel shifts: 32 bits of the pair b:a.
template <bool isLeft, bool isWrapping> struct Funnel {
  uint32_t operator()(uint32_t a, uint32_t b, uint32_t by) const {
    by = isWrapping ? by & 31 : std::min(by, 32u);
    uint64_t pair = uint64_t(b) << 32 | a;
    return uint32_t(isLeft ? (pair << by) >> 32 : pair >> by);
  }
};

/// The ISA takes position and length modulo 256. Hardware does so for fields of
/// 32 bits, but for 64 bits it takes them as they are (seen on an H100): there
/// more than 255 is an error here.
template <typename T>
Outcome bitFieldExtract(Warp &warp, const Instruction &instruction,
                        uint32_t lanes) {
  uint32_t most = 0;
  forEachLane(lanes, [&](int lane) {
    auto source = [&](int i) { return warp.rows[instruction.row(i)][lane]; };
    most = std::max({most, as<uint32_t>(source(2)), as<uint32_t>(source(3))});
    warp.rows[instruction.row(0)][lane] = bits(Bfe()(
        as<T>(source(1)), as<uint32_t>(source(2)), as<uint32_t>(source(3))));
  });
  if (sizeof(T) == 8 && most > 255)
    return warp.fail("a field at or of %u bits, at most 255 wanted", most);
  return Outcome::Next;
}

/// bfi d, a, b, position, length: b with the low bits of a at the position.
template <typename T>
Outcome bitFieldInsert(Warp &warp, const Instruction &instruction,
                       uint32_t lanes) {
  forEachLane(lanes, [&](int lane) {
    auto source = [&](int i) { return warp.rows[instruction.row(i)][lane]; };
    uint32_t position = source(3) & 255, length = source(4) & 255;
    T mask = length >= 8 * sizeof(T) ? T(~T(0)) : T((T(1) << length) - 1);
    T field = Shl()(T(as<T>(source(1)) & mask), position);
    T kept = T(as<T>(source(2)) & ~Shl()(mask, position));
    warp.rows[instruction.row(0)][lane] = bits(T(kept | field));
  });
  return Outcome::Next;
}

Outcome lop3(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  forEachLane(lanes, [&](int lane) {
    auto source = [&](int i) {
      return as<uint32_t>(warp.rows[instruction.row(i)][lane]);
    };
    warp.rows[instruction.row(0)][lane] =
        bits(Lop3()(source(1), source(2), source(3), source(4)));
  });
  return Outcome::Next;
}

template <typename T> void addLogic(Table &table, const std::string &type) {
  table.add("and." + type, {binary<T, T, T, And>, 1, 3});
  table.add("or." + type, {binary<T, T, T, Or>, 1, 3});
  table.add("xor." + type, {binary<T, T, T, Xor>, 1, 3});
  if (type == "pred")
    return;
  table.add("not." + type, {unary<T, T, Not>, 1, 2});
  table.add("cnot." + type, {unary<T, T, IsZero>, 1, 2});
  table.add("shl." + type, {binary<T, uint32_t, T, Shl>, 1, 3});
  table.add("shr." + type, {binary<T, uint32_t, T, Shr>, 1, 3});
}

template <typename T> void addFields(Table &table, const std::string &width) {
  using S = std::make_signed_t<T>;
  table.add("popc.b" + width, {unary<T, uint32_t, Popc>, 1, 2});
  table.add("clz.b" + width, {unary<T, uint32_t, Clz>, 1, 2});
  table.add("brev.b" + width, {unary<T, T, Brev>, 1, 2});
  table.add("bfind.u" + width, {unary<T, uint32_t, Bfind>, 1, 2});
  table.add("bfind.s" + width, {unary<S, uint32_t, Bfind>, 1, 2});
  table.add("bfe.u" + width, {bitFieldExtract<T>, 1, 4});
  table.add("bfe.s" + width, {bitFieldExtract<S>, 1, 4});
  table.add("bfi.b" + width, {bitFieldInsert<T>, 1, 5});
}

template <bool isLeft> void addFunnel(Table &table, const std::string &name) {
  table.add(
      name + ".wrap.b32",
      {ternary<uint32_t, uint32_t, uint32_t, Funnel<isLeft, true>>, 1, 4});
  table.add(
      name + ".clamp.b32",
      {ternary<uint32_t, uint32_t, uint32_t, Funnel<isLeft, false>>, 1, 4});
}

} // namespace

void addBitInstructions(Table &table) {
  addLogic<uint8_t>(table, "pred");
  addLogic<uint16_t>(table, "b16");
  addLogic<uint32_t>(table, "b32");
  addLogic<uint64_t>(table, "b64");
  table.add("not.pred", {unary<uint8_t, uint8_t, NotPredicate>, 1, 2});
  auto addShift = [&](const char *type, Execute execute) {
    table.add(std::string("shr.") + type, {execute, 1, 3});
  };
  addShift("u16", binary<uint16_t, uint32_t, uint16_t, Shr>);
  addShift("u32", binary<uint32_t, uint32_t, uint32_t, Shr>);
  addShift("u64", binary<uint64_t, uint32_t, uint64_t, Shr>);
  addShift("s16", binary<int16_t, uint32_t, int16_t, Shr>);
  addShift("s32", binary<int32_t, uint32_t, int32_t, Shr>);
  addShift("s64", binary<int64_t, uint32_t, int64_t, Shr>);
  addFields<uint32_t>(table, "32");
  addFields<uint64_t>(table, "64");
  addFunnel<true>(table, "shf.l");
  addFunnel<false>(table, "shf.r");
  table.add("prmt.b32", {ternary<uint32_t, uint32_t, uint32_t, Prmt>, 1, 4});
  table.add("lop3.b32", {lop3, 1, 5});
}

} // namespace heed::ptx
