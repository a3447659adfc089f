//===- BarrierTest.cpp - Barriers, races and deadlocks --------------------===//
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

constexpr const char *cells = ".shared .align 4 .b8 cells[1024];";

/// %r9 is the address of this thread's cell, %r8 that of the thread `by` on.
std::string addresses(int by, int threads) {
  return "mov.u32 %r9, cells;\nadd.u32 %r8, %id, " + std::to_string(by) +
         ";\nrem.u32 %r8, %r8, " + std::to_string(threads) +
         ";\nmad.lo.u32 %r8, %r8, 4, %r9;\nmad.lo.u32 %r9, %id, 4, %r9;\n";
}

const std::string storeToOut = "mul.wide.u32 %d0, %id, 4;\n"
                               "add.s64 %d0, %d0, %p0;\n"
                               "st.global.u32 [%d0], %r0;\n";

/// Runs `body` with 128 threads; returns the error of the last seed, or what
/// every seed left in the output.
std::string run(const std::string &body, std::vector<uint32_t> &out,
                uint32_t threads = 128) {
  std::vector<uint32_t> first;
  for (uint64_t seed = 1; seed != 9; ++seed) {
    out.assign(threads, 0);
    Launcher launcher;
    launcher.threads = threads;
    launcher.options.seed = seed;
    if (Status error = launcher(makeKernel(body, 1, cells), out))
      return error.message();
    EXPECT_TRUE(first.empty() || first == out) << "seed " << seed;
    first = out;
  }
  return "";
}

void expectFault(const std::string &body, const char *part,
                 uint32_t threads = 128) {
  std::vector<uint32_t> out;
  std::string found = run(body, out, threads);
  EXPECT_NE(found.find(part), std::string::npos)
      << "'" << part << "' is not in '" << found << "'";
}

TEST(Barrier, OrdersWarps) {
  std::vector<uint32_t> out;
  for (const char *barrier : {"bar.sync 0;", "barrier.sync.aligned 3, 128;",
                              "barrier.cta.sync.aligned 0;"}) {
    EXPECT_EQ(run(addresses(40, 128) + "st.shared.u32 [%r9], %id;\n" + barrier +
                      "\nld.shared.u32 %r0, [%r8];\n" + storeToOut,
                  out),
              "");
    for (uint32_t i = 0; i != 128; ++i)
      EXPECT_EQ(out[i], (i + 40) % 128);
  }
}

TEST(Barrier, RacesAreFound) {
  std::string store = "st.shared.u32 [%r9], %id;\n";
  std::string load = "ld.shared.u32 %r0, [%r8];\n";
  expectFault(addresses(40, 128) + store + load + storeToOut,
              "races with a write by another warp");
  expectFault(addresses(40, 128) + store + "bar.sync 0;\n" + load + store,
              "another warp");
  expectFault(addresses(1, 128) + store + load,
              "races with a write by another lane");
  // A barrier that the other warp does not take part in orders nothing.
  expectFault(addresses(64, 128) + store + "shr.u32 %r1, %id, 6;\n" +
                  "add.u32 %r1, %r1, 1;\nbar.sync %r1, 64;\n" + load,
              "races with a write by another warp");
  // Own cells need nothing; equal values may be written by all.
  std::vector<uint32_t> out;
  EXPECT_EQ(run(addresses(0, 128) + store + load +
                    "bar.sync 0;\nst.shared.u32 [cells], 7;\n" + storeToOut,
                out),
            "");
}

/// Whichever comes first, the read or the write.
TEST(Barrier, ReadsRaceWithWritesOnEverySeed) {
  for (uint64_t seed = 1; seed != 17; ++seed) {
    std::vector<uint32_t> out(128);
    Launcher launcher;
    launcher.threads = 128;
    launcher.options.seed = seed;
    Status error = launcher(makeKernel("setp.lt.u32 %q0, %id, 32;\n"
                                       "@%q0 ld.shared.u32 %r0, [cells];\n"
                                       "setp.eq.u32 %q1, %id, 64;\n"
                                       "@%q1 st.shared.u32 [cells], %id;\n",
                                       1, cells),
                            out);
    EXPECT_TRUE(error) << "seed " << seed;
  }
}

TEST(Barrier, WithinAWarp) {
  std::vector<uint32_t> out;
  EXPECT_EQ(run(addresses(1, 32) +
                    "st.shared.u32 [%r9], %id;\n"
                    "bar.warp.sync -1;\n"
                    "ld.shared.u32 %r0, [%r8];\n" +
                    storeToOut,
                out, 32),
            "");
  for (uint32_t i = 0; i != 32; ++i)
    EXPECT_EQ(out[i], (i + 1) % 32);
}

TEST(Barrier, HalfWordsOfAWordAreApart) {
  // With 2-byte accesses in the kernel, races are told apart by 2 bytes.
  std::vector<uint32_t> out;
  EXPECT_EQ(run("mov.u32 %r9, cells;\nmul.lo.u32 %r1, %id, 2;\n"
                "add.u32 %r9, %r9, %r1;\ncvt.u16.u32 %h0, %id;\n"
                "st.shared.b16 [%r9], %h0;\nld.shared.u16 %r0, [%r9];\n" +
                    storeToOut,
                out),
            "");
  for (uint32_t i = 0; i != 128; ++i)
    EXPECT_EQ(out[i], i);
}

TEST(Barrier, ProducersArriveConsumersWait) {
  std::vector<uint32_t> out;
  EXPECT_EQ(run(addresses(64, 128) + R"(
setp.lt.u32 %q0, %id, 64;
@%q0 bra PRODUCE;
bar.sync 1, 128;
ld.shared.u32 %r0, [%r8];
bra.uni DONE;
PRODUCE:
mul.lo.u32 %r0, %id, 3;
st.shared.u32 [%r9], %r0;
bar.arrive 1, 128;
DONE:
)" + storeToOut,
                out),
            "");
  for (uint32_t i = 64; i != 128; ++i)
    EXPECT_EQ(out[i], 3 * (i - 64));
}

TEST(Barrier, Reductions) {
  std::vector<uint32_t> out;
  EXPECT_EQ(run("and.b32 %r1, %id, 3;\nsetp.eq.u32 %q0, %r1, 1;\n"
                "bar.red.popc.u32 %r0, 0, %q0;\n" +
                    storeToOut,
                out),
            "");
  EXPECT_EQ(out, std::vector<uint32_t>(128, 32));
  for (const char *how : {"and", "or"}) {
    EXPECT_EQ(run(std::string("setp.ne.u32 %q0, %id, 77;\nbar.red.") + how +
                      ".pred %q1, 0, %q0;\nselp.u32 %r0, 1, 0, %q1;\n" +
                      storeToOut,
                  out),
              "");
    EXPECT_EQ(out, std::vector<uint32_t>(128, how == std::string("or")));
  }
}

TEST(Barrier, MistakesAreNamed) {
  expectFault("setp.lt.u32 %q0, %id, 16;\n@%q0 bar.sync 0;",
              "is divergent at a barrier");
  expectFault("setp.lt.u32 %q0, %id, 64;\n@%q0 bar.sync 0;", "deadlock");
  expectFault("setp.lt.u32 %q0, %id, 64;\n@%q0 bar.sync 0;",
              "at line 15 '@%q0 bar.sync 0'");
  expectFault("setp.lt.u32 %q0, %id, 32;\n@%q0 bar.arrive 1, 96;\n"
              "@!%q0 bar.arrive 1, 128;",
              "threads, others wait there for");
  expectFault("bar.sync 16;", "no barrier 16");
  expectFault("bar.sync 0, 40;", "not of whole warps");
  expectFault("setp.lt.u32 %q0, %id, 16;\n@%q0 bar.warp.sync -1;",
              "those of 0xffffffff are wanted");
  expectFault("trap;", "runs into a trap");
}

} // namespace
