//===- MemoryTest.cpp - Loads, stores and atomics -------------------------===//
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

/// Expects that `error` contains all of `parts`.
void expectError(const Status &error, std::vector<std::string> parts) {
  for (const std::string &part : parts)
    EXPECT_NE(error.message().find(part), std::string::npos)
        << "'" << part << "' is not in '" << error.message() << "'";
}

/// Bytes at x, x + 8, ... by every width, with and without sign.
TEST(LoadStore, EveryWidth) {
  const std::vector<uint64_t> x = {0xfedcba9876543210, 0x8899aabbccddeeff};
  struct Load {
    const char *type;
    int bytes;
    bool isSigned;
  };
  for (const Load &load : {Load{"u8", 1, false},
                           {"s8", 1, true},
                           {"b16", 2, false},
                           {"s16", 2, true},
                           {"u32", 4, false},
                           {"s32", 4, true},
                           {"f32", 4, false},
                           {"b64", 8, false}})
    for (int offset = 0; offset != 16; offset += load.bytes) {
      std::vector<uint64_t> from = x, to(1);
      // Loads extend to the register; sign by a shift afterwards is the same.
      std::string body = std::string("ld.global.") + load.type + " %d0, [%p1+" +
                         std::to_string(offset) +
                         "];\nst.global.b64 [%p0], %d0;";
      Status error = Launcher()(makeKernel(body, 2), to, from);
      ASSERT_FALSE(error) << error.message();
      uint64_t wanted = 0;
      const uint8_t *bytes = reinterpret_cast<const uint8_t *>(x.data());
      for (int i = load.bytes - 1; i >= 0; --i)
        wanted = wanted << 8 | bytes[offset + i];
      if (load.isSigned && bytes[offset + load.bytes - 1] & 0x80)
        wanted -= uint64_t(1) << (8 * load.bytes);
      EXPECT_EQ(to[0], wanted) << load.type << " at " << offset;
    }
}

TEST(LoadStore, VectorsThroughEverySpace) {
  std::vector<uint32_t> from(128), to(128);
  for (uint32_t i = 0; i != 128; ++i)
    from[i] = i * i;
  std::string body = R"(
.local .align 16 .b8 mine[32];
mul.wide.u32 %d0, %id, 16;
add.s64 %d1, %d0, %p1;
ld.global.nc.L1::no_allocate.v4.u32 {%r0, %r1, %r2, %r3}, [%d1];
mov.u32 %r9, dynamic;
mad.lo.u32 %r9, %id, 16, %r9;
st.shared.v4.b32 [%r9], {%r0, %r1, %r2, %r3};
cvt.u64.u32 %d2, %r9;
cvta.shared.u64 %d2, %d2;
ld.v2.b64 {%d3, %d4}, [%d2];
mov.u64 %d5, mine;
st.local.v2.b64 [%d5+16], {%d3, %d4};
cvta.local.u64 %d6, %d5;
ld.v4.f32 {%f0, %f1, %f2, %f3}, [%d6+16];
add.s64 %d1, %d0, %p0;
cvta.global.u64 %d1, %d1;
st.v4.f32 [%d1], {%f3, %f2, %f1, %f0};
)";
  Launcher launcher;
  launcher.sharedBytes = 512;
  Status error =
      launcher(makeKernel(body, 2, ".extern .shared .align 16 .b8 dynamic[];"),
               to, from);
  ASSERT_FALSE(error) << error.message();
  for (uint32_t i = 0; i != 128; ++i)
    EXPECT_EQ(to[i], from[i ^ 3]);
}

TEST(LoadStore, VariablesAndParameters) {
  std::vector<uint64_t> out(4);
  std::string declarations = R"(
.global .align 8 .b8 bytes[8] = {1, 2, 0xff};
.const .align 4 .u32 table[2] = {40, -2};
.global .u64 pointer = generic(table)+4;
.shared .align 8 .b64 cell;)";
  std::string body = R"(
setp.ne.s32 %q0, %id, 0;
@%q0 ret;
ld.global.b32 %r0, [bytes];
ld.const.u32 %r1, [table];
ld.global.u64 %d0, [pointer];
ld.s32 %r2, [%d0];
add.s32 %r1, %r1, %r2;
mov.b64 %d1, {%r0, %r1};
st.shared.b64 [cell], %d1;
ld.shared.b64 %d2, [cell];
st.global.b64 [%p0], %d2;
mov.b64 %d3, p0;
cvta.param.u64 %d3, %d3;
ld.b64 %d3, [%d3];
st.global.b64 [%d3+8], %p0;
)";
  Status error = Launcher()(makeKernel(body, 1, declarations), out);
  ASSERT_FALSE(error) << error.message();
  EXPECT_EQ(out[0], uint64_t(38) << 32 | 0xff0201);
  EXPECT_EQ(out[1], uint64_t(addressOf(out)));
}

TEST(LoadStore, StrayAccessesNameTheLine) {
  std::vector<uint32_t> x(32);
  auto run = [&](const std::string &body) {
    return Launcher()(makeKernel(body, 1, ".shared .b8 few[16];"), x);
  };
  expectError(run("ld.global.u32 %r0, [%p0+128];"),
              {"reads 4 bytes", "in no range",
               "in 'ld.global.u32 %r0, [%p0+128]' (block 0)", "line 14"});
  expectError(run("st.global.u32 [%p0+-4], %id;"), {"writes", "in no range"});
  expectError(run("ld.global.u32 %r0, [%p0+2];"), {"no multiple of 4"});
  expectError(run("ld.shared.u32 %r0, [few+16];"), {"outside of it"});
  expectError(run("ld.shared.u32 %r0, [few+1];"), {"no multiple of 4"});
  expectError(run("ld.param.u64 %d0, [p0+8];"), {"parameter memory"});
  expectError(run("ld.shared.u32 %r0, [%d0];"),
              {"lane 0 of warp 0 reads a register that was not written"});
}

TEST(LoadStore, ReadOnlyMemory) {
  std::vector<uint32_t> x(32);
  Module module;
  ASSERT_FALSE(module.parse(makeKernel("st.global.u32 [%p0], %id;", 1)));
  Memory memory;
  memory.add(x.data(), 128, false);
  expectError(module.launch("k", 1, 32, 0, {addressOf(x)}, memory),
              {"in read-only memory"});
}

TEST(Atomic, EveryLaneCounts) {
  for (uint64_t seed : {1, 2}) {
    std::vector<uint32_t> cells = {0, 100, 0xff, 0, 5, 7};
    std::vector<float> sum(1);
    std::vector<uint32_t> old(96);
    std::string body = R"(
atom.global.add.u32 %r0, [%p0], 2;
atom.global.min.s32 %r1, [%p0+4], %id;
red.global.and.b32 [%p0+8], 0xf0;
atom.global.inc.u32 %r2, [%p0+12], 9;
atom.global.exch.b32 %r3, [%p0+16], %id;
atom.global.cas.b32 %r4, [%p0+20], 7, %id;
cvt.rn.f32.u32 %f0, %id;
red.relaxed.gpu.global.add.f32 [%p1], %f0;
mul.wide.u32 %d0, %id, 4;
add.s64 %d0, %d0, %p2;
st.global.u32 [%d0], %r0;
)";
    Launcher launcher;
    launcher.threads = 96;
    launcher.options.seed = seed;
    Status error = launcher(makeKernel(body, 3), cells, sum, old);
    ASSERT_FALSE(error) << error.message();
    EXPECT_EQ(cells[0], 192u);
    EXPECT_EQ(cells[1], 0u);
    EXPECT_EQ(cells[2], 0xf0u);
    EXPECT_EQ(cells[3], 96u % 10);
    EXPECT_LT(cells[4], 96u);
    EXPECT_LT(cells[5], 96u);
    EXPECT_EQ(sum[0], 95 * 96 / 2);
    std::sort(old.begin(), old.end());
    for (uint32_t i = 0; i != 96; ++i)
      EXPECT_EQ(old[i], 2 * i) << "every lane sees another value";
  }
}

} // namespace
