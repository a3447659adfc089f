//===- ShuffleTest.cpp - Values from other lanes --------------------------===//
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

std::vector<uint32_t> run(const std::string &body) {
  std::vector<uint32_t> out(32);
  Status error = Launcher()(makeKernel(body + R"(
mul.wide.u32 %d0, %id, 4;
add.s64 %d0, %d0, %p0;
st.global.u32 [%d0], %r0;
)",
                                       1),
                            out);
  EXPECT_FALSE(error) << body << ": " << error.message();
  return out;
}

/// Segments of `width` lanes, as CUDA's __shfl_*_sync(value, by, width).
TEST(Shuffle, EveryModeAndWidth) {
  for (int width : {32, 16, 8, 4, 2})
    for (int by : {0, 1, 2, 5}) {
      int segments = (32 - width) << 8;
      auto shuffle = [&](const char *mode, int c) {
        return run("add.u32 %r1, %id, 100;\nshfl.sync." + std::string(mode) +
                   ".b32 %r0|%q0, %r1, " + std::to_string(by) + ", " +
                   std::to_string(c) + ", -1;\n@!%q0 add.u32 %r0, %r0, 1000;");
      };
      std::vector<uint32_t> up = shuffle("up", segments),
                            down = shuffle("down", segments | 31),
                            bfly = shuffle("bfly", segments | 31),
                            idx = shuffle("idx", segments | 31);
      for (int lane = 0; lane != 32; ++lane) {
        int first = lane / width * width;
        auto from = [&](int source) {
          bool isInside = source >= first && source < first + width;
          return uint32_t(100 + (isInside ? source : lane) +
                          (isInside ? 0 : 1000));
        };
        EXPECT_EQ(up[lane], from(lane - by)) << width << " " << by;
        EXPECT_EQ(down[lane], from(lane + by)) << width << " " << by;
        EXPECT_EQ(idx[lane], from(first + by % width)) << width << " " << by;
        if (by < width) {
          EXPECT_EQ(bfly[lane], from(lane ^ by)) << width << " " << by;
        }
      }
    }
}

TEST(Shuffle, Votes) {
  auto vote = [](const char *condition, const char *how) {
    return run(std::string("setp.") + condition + ";\nvote.sync." + how +
               ".pred %q1, %q0, -1;\nselp.u32 %r0, 1, 0, %q1;")[5];
  };
  EXPECT_EQ(vote("lt.u32 %q0, %id, 3", "any"), 1u);
  EXPECT_EQ(vote("lt.u32 %q0, %id, 3", "all"), 0u);
  EXPECT_EQ(vote("lt.u32 %q0, %id, 3", "uni"), 0u);
  EXPECT_EQ(vote("gt.u32 %q0, %id, 40", "any"), 0u);
  EXPECT_EQ(vote("gt.u32 %q0, %id, 40", "uni"), 1u);
  EXPECT_EQ(vote("lt.u32 %q0, %id, 40", "all"), 1u);
  EXPECT_EQ(run("setp.lt.u32 %q0, %id, 3;\n"
                "vote.sync.ballot.b32 %r0, %q0, -1;")[9],
            7u);
}

TEST(Shuffle, PartOfAWarpMayVote) {
  EXPECT_EQ(run("mov.u32 %r0, 0;\nsetp.lt.u32 %q0, %id, 8;\n@!%q0 bra END;\n"
                "setp.ne.u32 %q1, %id, 2;\n"
                "vote.sync.ballot.b32 %r0, %q1, 255;\nEND:")[3],
            0xfbu);
}

TEST(Shuffle, Reductions) {
  const std::string values = "mul.lo.u32 %r1, %id, 7;\n"
                             "sub.u32 %r1, %r1, 50;\n";
  int32_t sum = 0, least = 1000, most = -1000;
  uint32_t all = ~0u, some = 0, odd = 0;
  for (int lane = 0; lane != 32; ++lane) {
    int32_t x = lane * 7 - 50;
    sum += x;
    least = std::min(least, x);
    most = std::max(most, x);
    all &= uint32_t(x);
    some |= uint32_t(x);
    odd ^= uint32_t(x);
  }
  auto reduce = [&](const char *how) {
    return run(values + "redux.sync." + how + " %r0, %r1, -1;")[17];
  };
  EXPECT_EQ(int32_t(reduce("add.s32")), sum);
  EXPECT_EQ(int32_t(reduce("min.s32")), least);
  EXPECT_EQ(int32_t(reduce("max.s32")), most);
  EXPECT_EQ(reduce("min.u32"), 6u);
  EXPECT_EQ(reduce("and.b32"), all);
  EXPECT_EQ(reduce("or.b32"), some);
  EXPECT_EQ(reduce("xor.b32"), odd);
}

TEST(Shuffle, OneLaneIsElected) {
  std::vector<uint32_t> out = run("elect.sync %r1|%q0, -1;\n"
                                  "selp.u32 %r0, 1, 0, %q0;");
  EXPECT_EQ(std::count(out.begin(), out.end(), 1u), 1);
}

TEST(Shuffle, AbsentLanesAreErrors) {
  std::vector<uint32_t> out(32);
  auto fault = [&](const std::string &body) {
    return Launcher()(makeKernel(body, 1), out).message();
  };
  EXPECT_NE(fault("setp.lt.u32 %q0, %id, 8;\n"
                  "@%q0 shfl.sync.idx.b32 %r0, %id, 0, 31, -1;")
                .find("those of 0xffffffff are wanted"),
            std::string::npos);
  EXPECT_NE(fault("setp.lt.u32 %q0, %id, 8;\n"
                  "@%q0 shfl.sync.idx.b32 %r0, %id, 9, 31, 255;")
                .find("reads lane 9, which is not there"),
            std::string::npos);
}

} // namespace
