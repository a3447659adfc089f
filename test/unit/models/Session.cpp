//===- Session.cpp - One way to run a model on any device -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Session.h"

namespace heed {

std::vector<Device> listDevices() {
  return {Device::Reference,
#ifdef HEED_TEST_CPU
          Device::Cpu
#endif
  };
}

std::vector<Device> listAllDevices() {
  std::vector<Device> devices = listDevices();
#ifdef HEED_TEST_CPU
  devices.push_back(Device::Emulated);
#endif
  return devices;
}

llvm::Expected<std::unique_ptr<Session>>
openSession(Device device, mlir::ModuleOp module, llvm::StringRef folder,
            int64_t slots, int64_t capacity, int32_t threads) {
#ifdef HEED_TEST_CPU
  if (device == Device::Cpu)
    return openCpuSession(module, folder, slots, capacity, threads);
  if (device == Device::Emulated)
    return openEmulatedSession(module, folder, slots, capacity);
#endif
  return openReferenceSession(module, folder, slots, capacity);
}

} // namespace heed
