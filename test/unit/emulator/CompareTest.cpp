//===- CompareTest.cpp - Comparisons and selections -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include <cmath>

using namespace heed::ptx::test;

namespace {

/// What holds for less, equal, greater and unordered operands.
struct Comparison {
  const char *name;
  bool less, equal, greater, unordered;
};
const Comparison comparisons[] = {
    {"eq", 0, 1, 0, 0},  {"ne", 1, 0, 1, 0},  {"lt", 1, 0, 0, 0},
    {"le", 1, 1, 0, 0},  {"gt", 0, 0, 1, 0},  {"ge", 0, 1, 1, 0},
    {"equ", 0, 1, 0, 1}, {"neu", 1, 0, 1, 1}, {"ltu", 1, 0, 0, 1},
    {"leu", 1, 1, 0, 1}, {"gtu", 0, 0, 1, 1}, {"geu", 0, 1, 1, 1},
    {"num", 1, 1, 1, 0}, {"nan", 0, 0, 0, 1}};

TEST(Compare, Floats) {
  Words a = {toBits(1.0f), toBits(2.0f), toBits(3.0f), toBits(NAN)};
  Words b = {toBits(2.0f), toBits(2.0f), toBits(2.0f), toBits(2.0f)};
  for (const Comparison &one : comparisons) {
    Words found = compute(std::string("setp.") + one.name + ".f32 %x, %a, %b;",
                          "pred", {"f32", "f32"}, {a, b});
    found.resize(4);
    EXPECT_EQ(found, (Words{one.less, one.equal, one.greater, one.unordered}))
        << one.name;
  }
}

TEST(Compare, IntegersWithAndWithoutSign) {
  // -1 is the greatest number without a sign.
  for (const char *width : {"16", "32", "64"}) {
    Words a = {~uint64_t(0), 5, 7}, b = {1, 5, 5};
    std::string reg = std::string("b") + width;
    for (int i = 0; i != 6; ++i) {
      const Comparison &one = comparisons[i];
      std::string stem = std::string("setp.") + one.name;
      Words isSigned = compute(stem + ".s" + width + " %x, %a, %b;", "pred",
                               {reg, reg}, {a, b});
      Words isUnsigned = compute(stem + ".u" + width + " %x, %a, %b;", "pred",
                                 {reg, reg}, {a, b});
      isSigned.resize(3);
      isUnsigned.resize(3);
      EXPECT_EQ(isSigned, (Words{one.less, one.equal, one.greater}));
      EXPECT_EQ(isUnsigned, (Words{one.greater, one.equal, one.greater}));
    }
  }
}

TEST(Compare, CombinesWithAPredicate) {
  Words a = {1, 1, 3, 3}, b = {2, 2, 2, 2}, c = {0, 1, 0, 1};
  auto run = [&](const char *how) {
    Words found =
        compute(std::string("setp.lt.") + how + ".s32 %x, %a, %b, %c;", "pred",
                {"b32", "b32", "pred"}, {a, b, c});
    found.resize(4);
    return found;
  };
  EXPECT_EQ(run("and"), (Words{0, 1, 0, 0}));
  EXPECT_EQ(run("or"), (Words{1, 1, 0, 1}));
  EXPECT_EQ(run("xor"), (Words{1, 0, 0, 1}));
  Words other =
      compute("setp.lt.s32 %q0|%x, %a, %b;", "pred", {"b32", "b32"}, {a, b});
  EXPECT_EQ(other[0], 0u);
  EXPECT_EQ(other[2], 1u);
}

TEST(Compare, FlushesSubnormals) {
  EXPECT_EQ(
      compute("setp.eq.ftz.f32 %x, %a, 0f00000000;", "pred", {"f32"}, {{1}})[0],
      1u);
  EXPECT_EQ(
      compute("setp.eq.f32 %x, %a, 0f00000000;", "pred", {"f32"}, {{1}})[0],
      0u);
}

TEST(Compare, Selections) {
  Words found = compute("selp.b32 %x, %a, %b, %c;", "b32",
                        {"b32", "b32", "pred"}, {{7, 7}, {9, 9}, {1, 0}});
  EXPECT_EQ(found[0], 7u);
  EXPECT_EQ(found[1], 9u);
  found = compute("slct.f32.s32 %x, %a, %b, %c;", "f32", {"f32", "f32", "b32"},
                  {{7, 7}, {9, 9}, {0, uint32_t(-1)}});
  EXPECT_EQ(found[0], 7u);
  EXPECT_EQ(found[1], 9u);
}

} // namespace
