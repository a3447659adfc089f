//===- EmulatedDevices.cpp - The CUDA device, emulated --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/conformance/Devices.h"
#include "test/unit/runtime/cuda/EmulatedGpu.h"

namespace heed::test {

std::vector<DeviceUnderTest> findDevices() {
  static EmulatedGpu gpu(HEED_FAKE_CUDA);
  DeviceUnderTest device = {
      "emulated", "cuda", {0, HEED_FAKE_CUDA}, forGpu, 100 << 10};
  device.rounds = 20;
  device.large = 500;
  return {device};
}

} // namespace heed::test
