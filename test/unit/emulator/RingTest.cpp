//===- RingTest.cpp - Faults planted in a ring of cp.async are found ------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Ring.ptx is right on every seed. Each fault of the list is found on every
/// seed, by an error or by a wrong result.
///
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Faults.h"

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

constexpr int64_t columns = 16;

const Fault faults[] = {
    {"no wait", "cp.async.wait_group 1;", ""},
    {"a wait for too little", "cp.async.wait_group 1;",
     "cp.async.wait_group 2;"},
    {"no commit", "cp.async.commit_group;", ""},
    {"no barrier behind the wait", "bar.sync 0;", "", 0},
    {"no barrier before the next copy", "bar.sync 0;", "", 1},
    {"a wait behind its barrier", "cp.async.wait_group 1;\n  bar.sync 0;",
     "bar.sync 0;\n  cp.async.wait_group 1;"},
    {"half of the warps at a barrier", "bar.sync 0;", "bar.sync 0, 32;", 0},
    {"one barrier for one warp only", "bar.sync 0;",
     "setp.eq.s32 %again, %warp, 0;\n  @%again bar.sync 0;", 0},
    {"no swizzle of what is copied", "xor.b32 %u, %u, %swizzle;", "", 0},
    {"no swizzle of what is read", "xor.b32 %u, %u, %swizzle;", "", 1},
    {"a swizzle by another row", "shr.u32 %swizzle, %t, 1;",
     "shr.u32 %swizzle, %t, 2;", 1},
    {"an offset of 16 bytes", "add.s32 %fromB, %fromB, 2048;",
     "add.s32 %fromB, %fromB, 2064;"},
    {"a misaligned offset", "add.s32 %fromB, %fromB, 2048;",
     "add.s32 %fromB, %fromB, 2056;"},
    {"the stage that is being filled", "cvt.u32.u64 %stage, %step;",
     "cvt.u32.u64 %stage, %next;"},
    {"a ring of one stage", "and.b32 %stage, %stage, 1;",
     "and.b32 %stage, %stage, 0;", 0},
    {"three stages in the memory of two", "and.b32 %stage, %stage, 1;",
     "rem.u32 %stage, %stage, 3;", 0},
    {"the first slice twice", "mad.lo.s32 %at, %kk, 512, %at;", ""},
    {"B not transposed", "x4.trans.shared", "x4.shared"},
    {"columns of B exchanged", "{%b0, %b1},", "{%b2, %b3},"},
    {"half a piece copied", "[%b], 16;", "[%b], 16, 8;"},
    {"rows beyond the last one copied", "selp.b32 %size2, 16, 0, %inside;",
     "mov.b32 %size2, 16;"},
    {"a step too many", "setp.ge.s64 %none, %next, %steps;",
     "setp.gt.s64 %none, %next, %steps;"},
    {"a step too few", "setp.lt.s64 %more, %step, %steps;",
     "add.s64 %x, %step, 1;\n  setp.lt.s64 %more, %x, %steps;"},
    {"rows beyond the last one written", "@%inside st.global.v2.f32 [%to+544]",
     "st.global.v2.f32 [%to+544]"},
    {"a sum that was not cleared", "mov.b32 %z3, 0f00000000;", ""},
};

/// Runs the kernel on an M x K problem; returns what is wrong, or nothing.
std::string runRing(const std::string &text, int64_t m, int64_t k,
                    uint64_t seed) {
  std::mt19937 random(5);
  std::vector<uint16_t> a = makeMatrix(m * k, random);
  std::vector<uint16_t> b = makeMatrix(k * columns, random);
  std::vector<float> c(m * columns, -1);
  Module module;
  if (Status error = module.parse(text))
    return error.message();
  Memory memory;
  memory.add(a.data(), a.size() * 2, false);
  memory.add(b.data(), b.size() * 2, false);
  memory.add(c.data(), c.size() * 4);
  if (Status error = module.launch(
          "product", (m + 31) / 32, 64, 6144,
          {addressOf(a), addressOf(b), addressOf(c), m, k, k / 32}, memory,
          {seed}))
    return error.message();
  return c == multiply(a, b, k, columns) ? "" : "wrong result";
}

TEST(Ring, TheKernelIsRight) {
  for (uint64_t seed = 1; seed != 9; ++seed)
    for (auto [m, k] :
         {std::pair<int64_t, int64_t>{32, 32}, {41, 160}, {1, 64}})
      EXPECT_EQ(runRing(readText(HEED_TEST_RING), m, k, seed), "")
          << m << " x " << k;
}

TEST(Ring, EveryFaultIsFoundOnEverySeed) {
  expectFound(readText(HEED_TEST_RING), faults,
              [](const std::string &text, uint64_t seed) {
                return runRing(text, 41, 160, seed);
              });
}

} // namespace
