//===- IntegerTest.cpp - Integer arithmetic against wide arithmetic -------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include <functional>

using namespace heed::ptx::test;

namespace {

using Big = __int128;

/// Integers of one type as PTX spells it.
struct Type {
  const char *name;
  int width;
  bool isSigned;

  Big value(uint64_t bits) const {
    Big modulus = Big(1) << width;
    Big value = Big(bits) % modulus;
    return isSigned && value >= modulus / 2 ? value - modulus : value;
  }
  uint64_t wrap(Big value) const {
    Big modulus = Big(1) << width;
    return uint64_t((value % modulus + modulus) % modulus);
  }
  std::string reg() const { return "b" + std::to_string(width); }
};

constexpr Type types[] = {{"s16", 16, true}, {"u16", 16, false},
                          {"s32", 32, true}, {"u32", 32, false},
                          {"s64", 64, true}, {"u64", 64, false}};

/// All pairs of edge values and a few random ones, as two columns.
std::vector<Words> pairs(const Type &type, bool zeroDivisors) {
  std::mt19937_64 random(7);
  std::vector<uint64_t> some = {0, 1, 2, 7, 1000, random(), random(), random()};
  Big most = Big(1) << type.width;
  for (Big edge : {most - 1, most / 2, most / 2 - 1, most / 2 + 1, most - 2})
    some.push_back(uint64_t(edge));
  std::vector<Words> columns(3);
  for (uint64_t a : some)
    for (uint64_t b : some)
      if (type.wrap(Big(b)) != 0 || zeroDivisors) {
        columns[0].push_back(type.wrap(Big(a)));
        columns[1].push_back(type.wrap(Big(b)));
        columns[2].push_back(type.wrap(Big(random())));
      }
  return columns;
}

using Function = std::function<Big(Big, Big, Big)>;

/// Floor of a shift, as `>>` on a wide signed number.
Big high(Big product, int width) { return product >> width; }

void check(const Type &type, const std::string &mnemonic, int operands,
           const Function &f, bool zeros = true) {
  std::vector<Words> columns = pairs(type, zeros);
  std::string names = operands == 1   ? "%a"
                      : operands == 2 ? "%a, %b"
                                      : "%a, %b, %c";
  Words found =
      compute(mnemonic + "." + type.name + " %x, " + names + ";", type.reg(),
              {type.reg(), type.reg(), type.reg()}, columns);
  for (size_t i = 0; i != columns[0].size(); ++i)
    ASSERT_EQ(found[i],
              type.wrap(f(type.value(columns[0][i]), type.value(columns[1][i]),
                          type.value(columns[2][i]))))
        << mnemonic << "." << type.name << " " << columns[0][i] << ", "
        << columns[1][i];
}

TEST(Integer, SumsAndProducts) {
  for (const Type &type : types) {
    int width = type.width;
    check(type, "add", 2, [](Big a, Big b, Big) { return a + b; });
    check(type, "sub", 2, [](Big a, Big b, Big) { return a - b; });
    check(type, "min", 2, [](Big a, Big b, Big) { return a < b ? a : b; });
    check(type, "max", 2, [](Big a, Big b, Big) { return a < b ? b : a; });
    check(type, "sad", 3,
          [](Big a, Big b, Big c) { return c + (a < b ? b - a : a - b); });
    // The product of two 64-bit numbers without sign needs all 128 bits.
    check(type, "mul.lo", 2,
          [](Big a, Big b, Big) { return Big(uint64_t(a) * uint64_t(b)); });
    check(type, "mad.lo", 3, [](Big a, Big b, Big c) {
      return Big(uint64_t(a) * uint64_t(b) + uint64_t(c));
    });
    if (width == 64 && !type.isSigned)
      continue;
    check(type, "mul.hi", 2,
          [width](Big a, Big b, Big) { return high(a * b, width); });
    check(type, "mad.hi", 3,
          [width](Big a, Big b, Big c) { return high(a * b, width) + c; });
  }
}

TEST(Integer, QuotientsRoundToZero) {
  for (const Type &type : types) {
    check(type, "div", 2, [](Big a, Big b, Big) { return a / b; }, false);
    check(type, "rem", 2, [](Big a, Big b, Big) { return a % b; }, false);
  }
}

TEST(Integer, Signs) {
  for (const Type &type : types)
    if (type.isSigned) {
      check(type, "neg", 1, [](Big a, Big, Big) { return -a; });
      check(type, "abs", 1, [](Big a, Big, Big) { return a < 0 ? -a : a; });
    }
}

TEST(Integer, WideProducts) {
  for (const Type &type : types) {
    if (type.width == 64)
      continue;
    Type wide = {"", 2 * type.width, type.isSigned};
    std::vector<Words> columns = pairs(type, true);
    for (const char *root : {"mul", "mad"}) {
      bool adds = root == std::string("mad");
      Words found =
          compute(std::string(root) + ".wide." + type.name + " %x, %a, %b" +
                      (adds ? ", %c;" : ";"),
                  wide.reg(), {type.reg(), type.reg(), wide.reg()}, columns);
      for (size_t i = 0; i != columns[0].size(); ++i)
        ASSERT_EQ(found[i], wide.wrap(type.value(columns[0][i]) *
                                          type.value(columns[1][i]) +
                                      (adds ? wide.value(columns[2][i]) : 0)));
    }
  }
}

TEST(Integer, SaturatingSum) {
  const Type type = types[2];
  std::vector<Words> columns = pairs(type, true);
  Words found =
      compute("add.sat.s32 %x, %a, %b;", "b32", {"b32", "b32"}, columns);
  for (size_t i = 0; i != columns[0].size(); ++i) {
    Big sum = type.value(columns[0][i]) + type.value(columns[1][i]);
    Big limit = sum < 0 ? -(Big(1) << 31) : (Big(1) << 31) - 1;
    bool isOver = sum < 0 ? sum < limit : sum > limit;
    ASSERT_EQ(found[i], type.wrap(isOver ? limit : sum));
  }
}

TEST(Integer, DivisionByZeroIsAnError) {
  std::vector<uint32_t> out(32);
  heed::Status error =
      Launcher()(makeKernel("mov.u32 %r1, 0;\ndiv.s32 %r2, %id, %r1;", 1), out);
  EXPECT_NE(error.message().find("divides by zero in 'div.s32 %r2, %id, %r1'"),
            std::string::npos)
      << error.message();
}

} // namespace
