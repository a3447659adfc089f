//===- MoveTest.cpp - Moves, addresses and branches -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

TEST(Move, PacksTheFirstPartLowest) {
  Words found = compute("mov.b32 %x, {%a, %b};", "b32", {"b16", "b16"},
                        {{0x1111}, {0x2222}});
  EXPECT_EQ(found[0], 0x22221111u);
  found = compute("mov.b64 %x, {%a, %b};", "b64", {"b32", "b32"},
                  {{0x11111111}, {0x22222222}});
  EXPECT_EQ(found[0], 0x2222222211111111u);
  found = compute("mov.b32 {%h1, %x}, %a;", "b16", {"b32"}, {{0x22221111}});
  EXPECT_EQ(found[0], 0x2222u);
  found =
      compute("mov.b64 {_, %x}, %a;", "b32", {"b64"}, {{0x2222222211111111}});
  EXPECT_EQ(found[0], 0x22222222u);
}

TEST(Move, ImmediatesAreCutToTheirType) {
  EXPECT_EQ(compute("mov.b32 %x, -1;", "b32", {"b32"}, {{0}})[0], 0xffffffffu);
  EXPECT_EQ(compute("mov.b64 %x, -1;", "b64", {"b32"}, {{0}})[0],
            0xffffffffffffffffu);
  EXPECT_EQ(compute("mov.f32 %x, 0f3FC00000;", "f32", {"b32"}, {{0}})[0],
            toBits(1.5f));
  EXPECT_EQ(
      compute("mov.f64 %x, 0d3FF8000000000000;", "f64", {"b32"}, {{0}})[0],
      toBits(1.5));
  EXPECT_EQ(
      compute("add.f32 %x, %a, 2.5;", "f32", {"f32"}, {{toBits(1.0f)}})[0],
      toBits(3.5f));
  EXPECT_EQ(compute("mov.u32 %x, 0x10U;", "b32", {"b32"}, {{0}})[0], 16u);
}

/// A branch on bits of the lane, nested; every lane notes its path.
TEST(Branch, DivergentPathsMeetAgain) {
  std::vector<uint32_t> paths(32), together(32);
  std::string body = R"(
mov.u32 %r1, 0;
and.b32 %r2, %id, 1;
setp.eq.s32 %q1, %r2, 0;
@%q1 bra EVEN;
add.s32 %r1, %r1, 100;
and.b32 %r2, %id, 2;
setp.eq.s32 %q1, %r2, 0;
@!%q1 bra JOIN;
add.s32 %r1, %r1, 1000;
bra.uni JOIN;
EVEN:
add.s32 %r1, %r1, 7;
JOIN:
activemask.b32 %r3;
mul.wide.u32 %d0, %id, 4;
add.s64 %d1, %d0, %p0;
st.global.u32 [%d1], %r1;
add.s64 %d1, %d0, %p1;
st.global.u32 [%d1], %r3;
)";
  Status error = Launcher()(makeKernel(body, 2), paths, together);
  ASSERT_FALSE(error) << error.message();
  for (uint32_t lane = 0; lane != 32; ++lane) {
    EXPECT_EQ(paths[lane], lane % 2 == 0 ? 7u : lane % 4 == 1 ? 1100u : 100u);
    EXPECT_EQ(together[lane], 0xffffffffu);
  }
}

/// Lane l goes round l + 1 times; some lanes leave the kernel in the loop.
TEST(Branch, LoopsAndEarlyReturns) {
  std::vector<uint32_t> rounds(32);
  std::string body = R"(
mul.wide.u32 %d0, %id, 4;
add.s64 %d0, %d0, %p0;
mov.u32 %r1, 0;
LOOP:
add.s32 %r1, %r1, 1;
st.global.u32 [%d0], %r1;
setp.eq.s32 %q1, %r1, 20;
@%q1 ret;
setp.le.u32 %q1, %r1, %id;
@%q1 bra LOOP;
add.s32 %r1, %r1, 1000;
st.global.u32 [%d0], %r1;
)";
  Status error = Launcher()(makeKernel(body, 1), rounds);
  ASSERT_FALSE(error) << error.message();
  for (uint32_t lane = 0; lane != 32; ++lane)
    EXPECT_EQ(rounds[lane], lane < 19 ? 1000 + lane + 1 : 20);
}

TEST(Branch, LabelsAreScopedByBraces) {
  std::vector<uint32_t> out(1);
  std::string loop = R"({
.reg .pred p;
.reg .b32 i;
mov.u32 i, 0;
AGAIN:
add.s32 %r1, %r1, 1;
add.s32 i, i, 1;
setp.lt.u32 p, i, 3;
@p bra AGAIN;
}
)";
  Status error = Launcher()(makeKernel("mov.u32 %r1, 0;\n" + loop + loop +
                                           "st.global.u32 [%p0], %r1;",
                                       1),
                            out);
  ASSERT_FALSE(error) << error.message();
  EXPECT_EQ(out[0], 6u);
}

TEST(Branch, InnerScopesSeeOuterLabels) {
  std::vector<uint32_t> out(1);
  Status error = Launcher()(
      makeKernel("mov.u32 %r1, 1;\n{ { bra OUT; } mov.u32 %r1, 2; }\nOUT:\n"
                 "st.global.u32 [%p0], %r1;",
                 1),
      out);
  ASSERT_FALSE(error) << error.message();
  EXPECT_EQ(out[0], 1u);
}

TEST(Branch, AnEndlessLoopEnds) {
  std::vector<uint32_t> out(1);
  Launcher launcher;
  launcher.options.maxSteps = 1000;
  Status error = launcher(makeKernel("LOOP:\nbra LOOP;", 1), out);
  EXPECT_NE(error.message().find("does not end within 1000 instructions"),
            std::string::npos)
      << error.message();
}

TEST(Branch, SpecialRegisters) {
  std::vector<uint32_t> out(2 * 64 * 6);
  std::string body = R"(
mov.u32 %r0, %ctaid.x;
mov.u32 %r1, %ntid.x;
mad.lo.u32 %r2, %r0, %r1, %id;
mul.wide.u32 %d0, %r2, 24;
add.s64 %d0, %d0, %p0;
mov.u32 %r3, %nctaid.x;
mov.u32 %r4, %laneid;
mov.u32 %r5, %warpid;
st.global.v2.u32 [%d0], {%r0, %r1};
st.global.v2.u32 [%d0+8], {%r3, %r4};
st.global.v2.u32 [%d0+16], {%r5, %id};
)";
  Launcher launcher;
  launcher.grid = 2;
  launcher.threads = 64;
  Status error = launcher(makeKernel(body, 1), out);
  ASSERT_FALSE(error) << error.message();
  for (uint32_t i = 0; i != 128; ++i)
    EXPECT_EQ(
        std::vector<uint32_t>(&out[i * 6], &out[i * 6] + 6),
        (std::vector<uint32_t>{i / 64, 64, 2, i % 32, i % 64 / 32, i % 64}));
}

} // namespace
