//===- HardwareTest.cpp - The comparison with hardware finds differences --===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compares the emulator with itself behind the CUDA device, which shows that
/// the cases reach the device and that a difference is seen; what hardware does
/// is for check-hardware to say.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Hardware.h"
#include "test/emulator/InstructionKernel.h"
#include "test/unit/runtime/cuda/EmulatedGpu.h"

#include <cstring>

using namespace heed;
using namespace heed::ptx;
using namespace heed::test;

namespace {

const DeviceOptions options = {0, HEED_FAKE_CUDA};

TEST(Hardware, EveryCaseRuns) {
  EmulatedGpu gpu(HEED_FAKE_CUDA);
  std::vector<HardwareCase> cases = instructionCases();
  Status error = kernelCases(HEED_TEST_SNIPPET_FOLDER, cases);
  ASSERT_FALSE(error) << error.message();
  for (const HardwareCase &one : cases) {
    HardwareResult result;
    error = compareWithHardware(one, "cuda", options, result);
    ASSERT_FALSE(error) << one.name << ": " << error.message();
    EXPECT_EQ(result.equal, result.elements) << one.name;
    EXPECT_GT(result.elements, 0u) << one.name;
  }
}

/// Arrays lie elsewhere on the device, and this kernel says where.
TEST(Hardware, DifferencesAreCounted) {
  EmulatedGpu gpu(HEED_FAKE_CUDA);
  HardwareCase one = instructionCases()[0];
  one.text = ptx::test::makeInstructionKernel(
      "and.b64 %d0, %p0, 0xffffff;\ncvt.rn.f32.u64 %x, %d0;", "f32", {});
  one.arrays[0].element = Element::F32;
  for (double absolute : {0.0, 1e9}) {
    one.arrays[0].absolute = absolute;
    HardwareResult result;
    Status error = compareWithHardware(one, "cuda", options, result);
    ASSERT_FALSE(error) << error.message();
    // Every second element is above the lane's result, and was left alone.
    EXPECT_EQ(result.equal, result.elements / 2);
    EXPECT_EQ(result.different, absolute == 0 ? result.elements / 2 : 0);
    EXPECT_GT(result.worst, 0);
    EXPECT_EQ(result.examples.size(), absolute == 0 ? 3u : 0u);
  }
}

/// Compares one element of f32 that is `here` and `there`.
HardwareResult compareBits(uint32_t here, uint32_t there, double absolute) {
  auto word = [](uint32_t bits) {
    std::vector<uint8_t> bytes(8);
    std::memcpy(bytes.data(), &bits, 4);
    return bytes;
  };
  HardwareCase one;
  one.operands = 1;
  one.arrays.resize(2);
  one.arrays[0].element = Element::F32;
  one.arrays[0].absolute = absolute;
  one.arrays[1].bytes = word(0xabc);
  HardwareResult result;
  compareArray(one, 0, word(here), word(there), result);
  EXPECT_EQ(result.elements, 2u);
  return result;
}

TEST(Hardware, AllNansAreOneNumber) {
  EXPECT_EQ(compareBits(0x7fffffff, 0xffc00001, 0).different, 0u);
  EXPECT_EQ(compareBits(0x7fffffff, 0xffc00001, 0).equal, 1u);
  EXPECT_EQ(compareBits(0x7fffffff, 0x7f800000, 1).different, 1u);
  EXPECT_EQ(compareBits(0x3f800000, 0x7fffffff, 1).different, 1u);
}

TEST(Hardware, ZerosHaveASign) {
  EXPECT_EQ(compareBits(0, 0x80000000, 0).different, 1u);
  EXPECT_EQ(compareBits(0, 0x80000000, 0x1p-20).different, 0u);
  EXPECT_EQ(compareBits(0, 0x80000000, 0).examples,
            std::vector<std::string>{
                "array 0, word 0: 0x0000000000000abc give 0x0000000000000000 "
                "emulated, 0x0000000080000000 on the device"});
}

} // namespace
