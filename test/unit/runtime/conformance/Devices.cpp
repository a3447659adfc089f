//===- Devices.cpp - The devices of the runtime ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/conformance/Devices.h"

namespace heed::test {

std::vector<DeviceUnderTest> findDevices() {
  std::vector<DeviceUnderTest> devices = {
      {"cpu",
       "cpu",
       {3},
       [](PackageBuilder builder) { return builder; },
       4096}};
  DeviceUnderTest cuda = {"cuda", "cuda", {}, forGpu, 100 << 10};
  DeviceFacts facts;
  if (Status error = describeDevice(cuda.name, cuda.options, facts))
    std::printf("skipped: %s\n", error.message().c_str());
  else
    devices.push_back(cuda);
  return devices;
}

} // namespace heed::test
