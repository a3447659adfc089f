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
    if (!one.maps.empty())
      continue; // The fake driver encodes no tensor maps.
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
  }
}

} // namespace
