//===- Compare.cpp - Comparisons and selections ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"

namespace heed::ptx {

namespace {

/// The comparisons of setp, those of numbers first. The second half holds also
/// if an operand is NaN.
enum Comparison {
  Eq,
  Ne,
  Lt,
  Le,
  Gt,
  Ge,
  Equ,
  Neu,
  Ltu,
  Leu,
  Gtu,
  Geu,
  Num,
  Nan
};
constexpr const char *comparisonNames[] = {"eq",  "ne",  "lt",  "le",  "gt",
                                           "ge",  "equ", "neu", "ltu", "leu",
                                           "gtu", "geu", "num", "nan"};
/// How the outcome is combined with a predicate.
enum Combination { Plain, And, Or, Xor };
constexpr const char *combinationNames[] = {"", ".and", ".or", ".xor"};

template <typename W> bool compare(int32_t comparison, W a, W b) {
  bool unordered = a != a || b != b;
  switch (comparison) {
  case Eq:
    return a == b;
  case Ne:
    return !unordered && a != b;
  case Lt:
    return a < b;
  case Le:
    return a <= b;
  case Gt:
    return a > b;
  case Ge:
    return a >= b;
  case Num:
    return !unordered;
  case Nan:
    return unordered;
  default:
    return unordered || compare(comparison - Equ, a, b);
  }
}

bool combine(int32_t combination, bool a, bool b) {
  return combination == Plain ? a
         : combination == And ? a && b
         : combination == Or  ? a || b
                              : a != b;
}

template <typename T> T comparable(T x, bool) { return x; }
inline float comparable(float x, bool ftz) { return ftz ? flush(x) : x; }
inline double comparable(F16 x, bool ftz) { return widen(x); }
inline double comparable(Bf16 x, bool ftz) { return widen(x); }

/// variant: comparison, combination, ftz.
template <typename T>
Outcome setPredicate(Warp &warp, const Instruction &instruction,
                     uint32_t lanes) {
  const Variant &variant = instruction.variant;
  const std::vector<int> &to = instruction.operands[0].rows;
  forEachLane(lanes, [&](int lane) {
    auto source = [&](int i) { return warp.rows[instruction.row(i)][lane]; };
    bool holds =
        compare(variant[0], comparable(as<T>(source(1)), variant[2] != 0),
                comparable(as<T>(source(2)), variant[2] != 0));
    bool other = variant[1] != Plain && (source(3) & 1);
    if (to[0] >= 0)
      warp.rows[to[0]][lane] = combine(variant[1], holds, other);
    if (to.size() > 1 && to[1] >= 0)
      warp.rows[to[1]][lane] = combine(variant[1], !holds, other);
  });
  return Outcome::Next;
}

template <typename T>
void addSetp(Table &table, const char *type, bool isFloat, bool flushes) {
  for (int c = Eq; c <= (isFloat ? Nan : Ge); ++c)
    for (int how = Plain; how <= Xor; ++how) {
      std::string stem =
          std::string("setp.") + comparisonNames[c] + combinationNames[how];
      int operands = how == Plain ? 3 : 4;
      table.add(stem + "." + type,
                {setPredicate<T>, 1, operands, 0, {c, how, 0}});
      if (flushes)
        table.add(stem + ".ftz." + type,
                  {setPredicate<T>, 1, operands, 0, {c, how, 1}});
    }
}

/// The names that unsigned comparisons may have.
template <typename T> void addUnsignedSetp(Table &table, const char *type) {
  const std::pair<const char *, int> names[] = {
      {"lo", Lt}, {"ls", Le}, {"hi", Gt}, {"hs", Ge}};
  for (auto [name, c] : names)
    table.add(std::string("setp.") + name + "." + type,
              {setPredicate<T>, 1, 3, 0, {c, Plain, 0}});
}

template <typename T> struct Select {
  T operator()(T a, T b, uint8_t predicate) const {
    return predicate & 1 ? a : b;
  }
};

/// slct: a where c >= 0, else b.
template <typename T, typename C> struct SelectBySign {
  T operator()(T a, T b, C c) const { return c >= 0 ? a : b; }
};

template <typename T>
void addSelect(Table &table, const std::string &width, const char *kinds) {
  for (; *kinds; ++kinds) {
    std::string type = *kinds + width;
    table.add("selp." + type, {ternary<T, uint8_t, T, Select<T>>, 1, 4});
    table.add("slct." + type + ".s32",
              {ternary<T, int32_t, T, SelectBySign<T, int32_t>>, 1, 4});
    table.add("slct." + type + ".f32",
              {ternary<T, float, T, SelectBySign<T, float>>, 1, 4});
  }
}

} // namespace

void addCompareInstructions(Table &table) {
  addSetp<uint16_t>(table, "u16", false, false);
  addSetp<uint16_t>(table, "b16", false, false);
  addSetp<int16_t>(table, "s16", false, false);
  addSetp<uint32_t>(table, "u32", false, false);
  addSetp<uint32_t>(table, "b32", false, false);
  addSetp<int32_t>(table, "s32", false, false);
  addSetp<uint64_t>(table, "u64", false, false);
  addSetp<uint64_t>(table, "b64", false, false);
  addSetp<int64_t>(table, "s64", false, false);
  addSetp<float>(table, "f32", true, true);
  addSetp<double>(table, "f64", true, false);
  addSetp<F16>(table, "f16", true, false);
  addSetp<Bf16>(table, "bf16", true, false);
  addUnsignedSetp<uint32_t>(table, "u32");
  addUnsignedSetp<uint64_t>(table, "u64");
  addSelect<uint16_t>(table, "16", "bus");
  addSelect<uint32_t>(table, "32", "busf");
  addSelect<uint64_t>(table, "64", "busf");
}

} // namespace heed::ptx
