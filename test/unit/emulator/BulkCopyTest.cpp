//===- BulkCopyTest.cpp - Copies of the engine, and the barriers they end -===//
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

constexpr const char *area = ".extern .shared .align 1024 .b8 area[];";

/// Thread 0 loads by `load` into area, of which `bytes` are expected at the
/// mbarrier at %r1; then all store 16 bytes each of the first 512.
std::string roundTrip(const std::string &load, int bytes) {
  return "mov.u32 %r0, area;\nadd.u32 %r1, %r0, 8192;\n"
         "setp.ne.u32 %q0, %id, 0;\n@%q0 bra WAIT;\n"
         "mbarrier.init.shared.b64 [%r1], 1;\n"
         "mbarrier.arrive.expect_tx.shared.b64 _, [%r1], " +
         std::to_string(bytes) + ";\n" + load + R"(
WAIT:
bar.warp.sync -1;
AGAIN:
mbarrier.try_wait.parity.shared.b64 %q1, [%r1], 0;
@!%q1 bra AGAIN;
mad.lo.u32 %r2, %id, 16, %r0;
ld.shared.v4.b32 {%r4, %r5, %r6, %r7}, [%r2];
mul.wide.u32 %d0, %id, 16;
add.s64 %d0, %d0, %p0;
st.global.v4.b32 [%d0], {%r4, %r5, %r6, %r7};
)";
}

std::vector<uint16_t> count(size_t size) {
  std::vector<uint16_t> out(size);
  for (size_t i = 0; i != size; ++i)
    out[i] = uint16_t(i + 1);
  return out;
}

struct alignas(64) MapBytes {
  uint8_t bytes[128];
};

TEST(BulkCopy, OneDimension) {
  std::vector<uint16_t> in = count(256), out(256);
  Launcher launcher;
  launcher.sharedBytes = 8200;
  for (uint64_t seed : {1, 2, 3}) {
    launcher.options.seed = seed;
    Status error = launcher(
        makeKernel(roundTrip("cp.async.bulk.shared::cluster.global.mbarrier::"
                             "complete_tx::bytes [%r0], [%p1], 512, [%r1];",
                             512),
                   2, area),
        out, in);
    ASSERT_FALSE(error) << error.message();
    EXPECT_EQ(out, in);
  }
}

TEST(BulkCopy, StoresAreThereWhenWaitedFor) {
  std::vector<uint16_t> out(256);
  const std::string fill = R"(
mov.u32 %r0, area;
mad.lo.u32 %r2, %id, 16, %r0;
st.shared.v4.b32 [%r2], {%id, %id, %id, %id};
fence.proxy.async.shared::cta;
bar.warp.sync -1;
setp.ne.u32 %q0, %id, 0;
@%q0 ret;
cp.async.bulk.global.shared::cta.bulk_group [%p0], [%r0], 512;
cp.async.bulk.commit_group;
)";
  Launcher launcher;
  launcher.sharedBytes = 512;
  Status error = launcher(
      makeKernel(fill + "cp.async.bulk.wait_group.read 0;", 1, area), out);
  ASSERT_FALSE(error) << error.message();
  for (size_t i = 0; i != out.size(); ++i)
    EXPECT_EQ(out[i], i % 2 ? 0 : i / 8);
  error =
      launcher(makeKernel(fill + "st.shared.b32 [%r0], %id;", 1, area), out);
  EXPECT_NE(error.message().find("a copy in flight reads"), std::string::npos)
      << error.message();
}

/// A box of 2 x 4 x 16 at (-3, 1, 1) of a tensor of 2 x 4 x 24 numbers, with
/// every swizzle; what lies outside is 0.
TEST(TensorCopy, BoxesReachBeyondTheTensor) {
  for (uint32_t swizzle : {0, 32}) {
    std::vector<uint16_t> in = count(2 * 4 * 24), out(256);
    TensorMap map;
    map.base = uint64_t(addressOf(in));
    map.rank = 3;
    uint64_t sizes[] = {24, 4, 2};
    uint32_t box[] = {16, 4, 2};
    for (int d = 0; d != 3; ++d) {
      map.sizes[d] = sizes[d];
      map.box[d] = box[d];
    }
    map.strides[1] = 48;
    map.strides[2] = 192;
    map.swizzleBytes = swizzle;
    std::vector<MapBytes> maps(1);
    encodeTensorMap(map, maps[0].bytes);
    Module module;
    std::string text = makeKernel(
        roundTrip("mov.b32 %r8, -3;\nmov.b32 %r9, 1;\n"
                  "cp.async.bulk.tensor.3d.shared::cluster.global.mbarrier::"
                  "complete_tx::bytes [%r0], [%p1, {%r8, %r9, %r9}], [%r1];",
                  256),
        2, area);
    // The same, 128 bytes on.
    std::string misplaced = text.substr(text.find(".visible"));
    misplaced.replace(misplaced.find(" k("), 3, " misplaced(");
    misplaced.replace(misplaced.find("bytes [%r0]"), 11, "bytes [%r0+128]");
    ASSERT_FALSE(module.parse(text + misplaced));
    Memory memory;
    memory.add(in.data(), in.size() * 2, false);
    memory.add(out.data(), 512);
    memory.add(maps.data(), 128, false);
    EXPECT_EQ(module.launch("misplaced", 1, 32, 8200,
                            {addressOf(out), addressOf(maps)}, memory)
                      .message()
                      .find("no multiple of 256") == std::string::npos,
              swizzle == 0);
    Status error = module.launch("k", 1, 32, 8200,
                                 {addressOf(out), addressOf(maps)}, memory);
    ASSERT_FALSE(error) << error.message();
    for (int z = 0; z != 2; ++z)
      for (int y = 0; y != 4; ++y)
        for (int x = 0; x != 16; ++x) {
          bool isInside = z + 1 < 2 && y + 1 < 4 && x - 3 >= 0;
          int row = z * 4 + y;
          // 128 bytes are four rows of 32: their two halves change places in
          // every second group of four.
          int piece = swizzle ? x / 8 ^ (row / 4 & 1) : x / 8;
          EXPECT_EQ(out[size_t(row * 16 + piece * 8 + x % 8)],
                    isInside ? (z + 1) * 96 + (y + 1) * 24 + x - 3 + 1 : 0)
              << x << " " << y << " " << z << " swizzle " << swizzle;
        }
  }
}

TEST(MBarrier, MistakesAreNamed) {
  std::vector<uint16_t> in = count(256), out(256);
  auto fault = [&](const std::string &body) {
    Launcher launcher;
    launcher.sharedBytes = 8208;
    return launcher(makeKernel("mov.u32 %r0, area;\nadd.u32 %r1, %r0, 8192;\n" +
                                   body,
                               2, area),
                    out, in)
        .message();
  };
  auto expect = [&](const std::string &body, const char *part) {
    std::string found = fault(body);
    EXPECT_NE(found.find(part), std::string::npos) << found;
  };
  const std::string first = "setp.ne.u32 %q0, %id, 0;\n@%q0 ret;\n";
  const std::string init = first + "mbarrier.init.shared.b64 [%r1], 2;\n";
  expect("mbarrier.arrive.shared.b64 _, [%r1];", "no mbarrier was initialised");
  expect(first + "mbarrier.init.shared.b64 [%r1], 0;", "for 0 arrivals");
  expect(first + "mbarrier.init.shared.b64 [%r1+4], 1;", "no multiple of 8");
  expect(init + "mbarrier.arrive.shared.b64 _, [%r1], 3;",
         "3 arrivals at an mbarrier that wants 2 more of 2");
  expect(init + "mbarrier.inval.shared.b64 [%r1];\n"
                "mbarrier.arrive.shared.b64 _, [%r1];",
         "no mbarrier was initialised");
  expect(init + "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::"
                "bytes [%r0], [%p1], 500, [%r1];",
         "copies 500 bytes");
  expect(init + "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::"
                "bytes [%r0], [%p1+16], 512, [%r1];",
         "in no range");
  expect(init + "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::"
                "bytes [%r0], [%p1], 512, [%r1];\nld.shared.b32 %r2, [%r0];",
         "a copy in flight writes");
  expect(init + "cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::"
                "bytes [%r0], [%p1], 512, [%r1];",
         "is in flight");
}

/// An arrival's state is over when its phase is; counts and test_wait.
TEST(MBarrier, PhasesAndStates) {
  std::vector<uint32_t> out(8);
  const std::string body = R"(
mov.u32 %r1, area;
setp.ne.u32 %q0, %id, 0;
@%q0 ret;
mbarrier.init.shared.b64 [%r1], 3;
mbarrier.arrive.shared.b64 %d0, [%r1];
mbarrier.test_wait.shared.b64 %q1, [%r1], %d0;
selp.u32 %r2, 1, 0, %q1;
mbarrier.test_wait.parity.shared.b64 %q1, [%r1], 1;
selp.u32 %r3, 1, 0, %q1;
mbarrier.arrive.shared.b64 _, [%r1], 2;
mbarrier.test_wait.shared.b64 %q1, [%r1], %d0;
selp.u32 %r4, 1, 0, %q1;
mbarrier.test_wait.parity.shared.b64 %q1, [%r1], 0;
selp.u32 %r5, 1, 0, %q1;
st.global.v4.u32 [%p0], {%r2, %r3, %r4, %r5};
)";
  Launcher launcher;
  launcher.sharedBytes = 16;
  Status error = launcher(makeKernel(body, 1, area), out);
  ASSERT_FALSE(error) << error.message();
  out.resize(4);
  EXPECT_EQ(out, (std::vector<uint32_t>{0, 1, 1, 1}));
}

} // namespace
