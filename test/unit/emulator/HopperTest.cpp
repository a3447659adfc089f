//===- HopperTest.cpp - Faults planted in a kernel for Hopper are found ---===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Hopper.ptx, a product by bulk copies and wgmma, is right on every seed; each
/// fault of the list is found on every seed.
///
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Faults.h"

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

constexpr int64_t columns = 64;

const Fault faults[] = {
    {"no wait for the product", "wgmma.wait_group.sync.aligned 0;", ""},
    {"a wait for too little", "wgmma.wait_group.sync.aligned 0;",
     "wgmma.wait_group.sync.aligned 1;"},
    {"no commit of the product", "wgmma.commit_group.sync.aligned;", ""},
    {"no fence before the product", "wgmma.fence.sync.aligned;",
     "mov.b32 %s7, 0f00000000;"},
    {"released before the product is done",
     "wgmma.wait_group.sync.aligned 0;\n  elect.sync %t|%leader, -1;\n"
     "  @%leader mbarrier.arrive.shared::cta.b64 _, [%empty];",
     "elect.sync %t|%leader, -1;\n"
     "  @%leader mbarrier.arrive.shared::cta.b64 _, [%empty];\n"
     "  wgmma.wait_group.sync.aligned 0;"},
    {"never released", "@%leader mbarrier.arrive.shared::cta.b64 _, [%empty];",
     ""},
    {"released by every lane", "@%leader mbarrier.arrive", "mbarrier.arrive"},
    {"released for one warp only", "[%base+40976], 4;", "[%base+40976], 1;"},
    {"no wait for the data", "@!%done bra WAIT_FULL;", ""},
    {"a wait for the data of another phase", "and.b32 %parity, %parity, 1;",
     "xor.b32 %parity, %parity, 1;", 1},
    {"no wait for a free stage", "@!%done bra WAIT_EMPTY;", ""},
    {"a wait for a stage that never comes", "xor.b32 %parity, %parity, 1;", ""},
    {"too few bytes expected", "[%full], 16384;", "[%full], 8192;"},
    {"too many bytes expected", "[%full], 16384;", "[%full], 24576;"},
    {"no wait for the initialisation", "INITIALISED:\n  bar.sync 0;",
     "INITIALISED:"},
    {"groups of rows at another distance", "0x4000004000010000",
     "0x4000002000010000"},
    {"another swizzle", "0x4000004000010000", "0x8000004000010000"},
    {"no swizzle", "0x4000004000010000", "0x0000004000010000"},
    {"B not transposed", "%sum, 1, 1, 0, 1;", "%sum, 1, 1, 0, 0;"},
    {"A transposed", "%sum, 1, 1, 0, 1;", "%sum, 1, 1, 1, 1;"},
    {"A negated", "%sum, 1, 1, 0, 1;", "%sum, -1, 1, 0, 1;"},
    {"a slice of A skipped", "add.s64 %descA, %descA, 2;",
     "add.s64 %descA, %descA, 4;"},
    {"a slice of B skipped", "add.s64 %descB, %descB, 128;",
     "add.s64 %descB, %descB, 256;"},
    {"sums that start anywhere", "setp.ne.s32 %sum, %step, 0;",
     "setp.eq.s32 %sum, %step, %step;"},
    {"sums of the last step only", "setp.eq.s32 %sum, %half, %half;",
     "setp.gt.s32 %sum, %half, 5;"},
    {"a box at the wrong column", "[%mapA, {%column, %row}]",
     "[%mapA, {%row, %column}]"},
    {"a target that is not aligned", "add.s32 %toB, %toA, 8192;",
     "add.s32 %toB, %toA, 8704;"},
    {"a map that is none", "ld.param.b64 %mapB, [words+8];",
     "ld.param.b64 %mapB, [words+8];\n  add.s64 %mapB, %mapB, 64;"},
    {"no fence before the store", "fence.proxy.async.shared::cta;", ""},
    {"no barrier before the store", "bar.sync 1, 128;", ""},
    {"no wait for the store", "cp.async.bulk.wait_group 0;", ""},
    {"no commit of the store", "cp.async.bulk.commit_group;", ""},
};

/// Memory of a map, aligned as a CUtensorMap must be.
struct alignas(64) MapBytes {
  uint8_t bytes[128];
};

MapBytes makeMap(const std::vector<uint16_t> &matrix, int64_t rows,
                 int64_t width, uint32_t swizzle) {
  TensorMap map;
  map.base = uint64_t(addressOf(matrix));
  map.rank = 2;
  map.sizes[0] = uint64_t(width);
  map.sizes[1] = uint64_t(rows);
  map.strides[1] = uint64_t(width) * 2;
  map.box[0] = map.box[1] = 64;
  map.swizzleBytes = swizzle;
  MapBytes out;
  encodeTensorMap(map, out.bytes);
  return out;
}

std::string run(const std::string &text, int64_t m, int64_t k, uint64_t seed) {
  std::mt19937 random(5);
  std::vector<uint16_t> a = makeMatrix(m * k, random);
  std::vector<uint16_t> b = makeMatrix(k * columns, random);
  std::vector<uint16_t> c(m * columns, 0x7fff);
  Module module;
  if (Status error = module.parse(text))
    return error.message();
  std::vector<MapBytes> maps = {makeMap(a, m, k, 128),
                                makeMap(b, k, columns, 128),
                                makeMap(c, m, columns, 0)};
  Memory memory;
  memory.add(a.data(), a.size() * 2, false);
  memory.add(b.data(), b.size() * 2, false);
  memory.add(c.data(), c.size() * 2);
  memory.add(maps.data(), 3 * 128, false);
  int64_t at = addressOf(maps);
  Options options;
  options.seed = seed;
  options.maxSteps = 100000;
  if (Status error =
          module.launch("product", (m + 63) / 64, 256, 40992,
                        {at, at + 128, at + 256, k / 64}, memory, options))
    return error.message();
  std::vector<uint16_t> want;
  for (float sum : multiply(a, b, k, columns))
    want.push_back(floatToBf16(sum));
  return c == want ? "" : "wrong result";
}

TEST(Hopper, TheKernelIsRight) {
  for (uint64_t seed = 1; seed != 9; ++seed)
    for (auto [m, k] :
         {std::pair<int64_t, int64_t>{64, 64}, {100, 320}, {8, 128}})
      EXPECT_EQ(run(readText(HEED_TEST_HOPPER), m, k, seed), "")
          << m << " x " << k << ", seed " << seed;
}

TEST(Hopper, EveryFaultIsFoundOnEverySeed) {
  expectFound(readText(HEED_TEST_HOPPER), faults,
              [](const std::string &text, uint64_t seed) {
                return run(text, 100, 320, seed);
              });
}

} // namespace
