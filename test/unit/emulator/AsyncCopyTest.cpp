//===- AsyncCopyTest.cpp - Copies that go on behind the thread ------------===//
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

constexpr const char *area = ".shared .align 16 .b8 area[4096];";
const std::string setUp = "mov.u32 %r9, area;\nmad.lo.u32 %r9, %id, 16, %r9;\n"
                          "mul.wide.u32 %d0, %id, 16;\n"
                          "add.s64 %d1, %d0, %p1;\nadd.s64 %d0, %d0, %p0;\n";
const std::string store = "ld.shared.v4.b32 {%r0, %r1, %r2, %r3}, [%r9];\n"
                          "st.global.v4.b32 [%d0], {%r0, %r1, %r2, %r3};\n";

struct Buffers {
  std::vector<uint8_t> out = std::vector<uint8_t>(512), in = out;
  Buffers() {
    for (size_t i = 0; i != in.size(); ++i)
      in[i] = uint8_t(i * 7 + 1);
  }
};

std::string run(const std::string &body, Buffers &buffers, uint64_t seed = 1) {
  Launcher launcher;
  launcher.options.seed = seed;
  return launcher(makeKernel(setUp + body, 2, area), buffers.out, buffers.in)
      .message();
}

TEST(AsyncCopy, EverySizeFillsWithZeros) {
  for (int bytes : {4, 8, 16})
    for (int source : {0, 1, bytes / 2, bytes}) {
      Buffers buffers;
      std::string size = std::to_string(bytes);
      std::string copy = bytes == 16 ? "cp.async.cg" : "cp.async.ca";
      EXPECT_EQ(run("mov.b32 %r5, -1;\n"
                    "st.shared.v4.b32 [%r9], {%r5, %r5, %r5, %r5};\n" +
                        copy + ".shared.global [%r9], [%d1], " + size + ", " +
                        std::to_string(source) + ";\ncp.async.wait_all;\n" +
                        store,
                    buffers),
                "");
      for (int i = 0; i != 512; ++i)
        EXPECT_EQ(buffers.out[i], i % 16 >= bytes    ? 0xff
                                  : i % 16 >= source ? 0
                                                     : buffers.in[i]);
    }
}

TEST(AsyncCopy, AnEmptySourceMayLieAnywhere) {
  Buffers buffers;
  EXPECT_EQ(run("mov.b64 %d2, 64;\ncp.async.ca.shared.global [%r9], [%d2], 16, "
                "0;\ncp.async.wait_all;\n" +
                    store,
                buffers),
            "");
  EXPECT_EQ(buffers.out, std::vector<uint8_t>(512, 0));
  EXPECT_NE(run("mov.b64 %d2, 64;\n"
                "cp.async.ca.shared.global [%r9], [%d2], 16;",
                buffers)
                .find("in no range"),
            std::string::npos);
}

/// Groups end in order: with one pending, the first is there.
TEST(AsyncCopy, WaitsForGroups) {
  const std::string twoGroups =
      "cp.async.ca.shared.global [%r9], [%d1], 16;\ncp.async.commit_group;\n"
      "cp.async.ca.shared.global [%r9+512], [%d1], 16;\n"
      "cp.async.commit_group;\n";
  const std::string second = "add.u32 %r9, %r9, 512;\n";
  for (uint64_t seed : {1, 2, 3}) {
    Buffers buffers;
    EXPECT_EQ(
        run(twoGroups + "cp.async.wait_group 1;\n" + store, buffers, seed), "");
    EXPECT_EQ(buffers.out, buffers.in);
    EXPECT_NE(run(twoGroups + "cp.async.wait_group 1;\n" + second + store,
                  buffers, seed)
                  .find("a copy in flight writes"),
              std::string::npos);
    EXPECT_EQ(run(twoGroups + "cp.async.wait_group 0;\n" + second + store,
                  buffers, seed),
              "");
    EXPECT_EQ(buffers.out, buffers.in);
    // What was not committed is in no group.
    EXPECT_NE(run("cp.async.ca.shared.global [%r9], [%d1], 16;\n"
                  "cp.async.wait_group 0;\n" +
                      store,
                  buffers, seed)
                  .find("a copy in flight writes"),
              std::string::npos);
  }
}

/// The source is read at some time between issue and wait.
TEST(AsyncCopy, ReadsItsSourceAtAnyTime) {
  int early = 0, late = 0;
  for (uint64_t seed = 1; seed != 9; ++seed) {
    Buffers buffers;
    EXPECT_EQ(run("cp.async.ca.shared.global [%r9], [%d1], 16;\n"
                  "mov.b32 %r5, 0;\nst.global.b32 [%d1], %r5;\n"
                  "cp.async.wait_all;\n" +
                      store,
                  buffers, seed),
              "");
    for (int lane = 0; lane != 32; ++lane)
      ++(buffers.out[lane * 16] == 0 ? late : early);
  }
  EXPECT_GT(early, 20);
  EXPECT_GT(late, 20);
}

TEST(AsyncCopy, OtherLanesNeedABarrier) {
  Buffers buffers;
  const std::string copy = "cp.async.ca.shared.global [%r9], [%d1], 16;\n"
                           "cp.async.wait_all;\n";
  const std::string other = "xor.b32 %r9, %r9, 16;\n";
  EXPECT_NE(run(copy + other + store, buffers).find("another lane"),
            std::string::npos);
  EXPECT_EQ(run(copy + "bar.warp.sync -1;\n" + other + store, buffers), "");
}

TEST(AsyncCopy, SizesAndAlignment) {
  Buffers buffers;
  auto fault = [&](const std::string &body) { return run(body, buffers); };
  EXPECT_NE(fault("cp.async.ca.shared.global [%r9], [%d1], 12;")
                .find("copies 12 of 12 bytes"),
            std::string::npos);
  EXPECT_NE(fault("cp.async.ca.shared.global [%r9], [%d1], 4, 8;")
                .find("copies 8 of 4 bytes"),
            std::string::npos);
  EXPECT_NE(fault("cp.async.ca.shared.global [%r9+8], [%d1], 16;")
                .find("no multiple of 16"),
            std::string::npos);
  EXPECT_NE(fault("cp.async.ca.shared.global [%r9], [%d1+4], 8;")
                .find("no multiple of 8"),
            std::string::npos);
  EXPECT_NE(fault("cp.async.ca.shared.global [%r9+4096], [%d1], 16;")
                .find("outside of it"),
            std::string::npos);
}

} // namespace
