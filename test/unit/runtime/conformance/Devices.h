//===- Devices.h - The devices that the suite tests -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_CONFORMANCE_DEVICES_H
#define HEED_TEST_UNIT_RUNTIME_CONFORMANCE_DEVICES_H

#include "runtime/Device.h"

#include "test/unit/runtime/TinyModel.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heed::test {

struct DeviceUnderTest {
  std::string label; ///< Of the tests.
  std::string name;
  DeviceOptions options;
  /// Makes a package for the device of one for the CPU.
  PackageBuilder (*convert)(PackageBuilder);
  uint64_t scratchBytes; ///< The most that is worth a test.
  // What it does in a second.
  int rounds = 60;
  int64_t large = 3000; ///< Tokens, enough for several threads.
};

/// Returns the devices that are there; says which are not, and why. Devices.cpp
/// knows those of the runtime, EmulatedDevices.cpp the emulator.
std::vector<DeviceUnderTest> findDevices();

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_CONFORMANCE_DEVICES_H
