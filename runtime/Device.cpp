//===- Device.cpp - The list of devices -----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device.h"

#include "runtime/cpu/CpuDevice.h"

namespace heed {

Status openDevice(const std::string &name, const Package &package, int threads,
                  std::unique_ptr<Device> &device) {
  if (name == "cpu")
    return CpuDevice::open(package, threads, device);
  return makeError(HEED_NO_SUCH_DEVICE, "no device '%s', there is 'cpu'",
                   name.c_str());
}

} // namespace heed
