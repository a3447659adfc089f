//===- Session.cpp - One way to run a model on any device -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Session.h"

#include "llvm/Support/ErrorHandling.h"

namespace heed {

llvm::Expected<std::unique_ptr<Session>>
openSession(Device device, mlir::ModuleOp module, llvm::StringRef folder,
            int64_t slots, int64_t capacity, int32_t threads) {
  switch (device) {
  case Device::Reference:
    return openReferenceSession(module, folder, slots, capacity);
  case Device::Cpu:
    return openCpuSession(module, folder, slots, capacity, threads);
  case Device::Emulated:
    return openEmulatedSession(module, folder, slots, capacity);
  }
  llvm_unreachable("all devices covered");
}

} // namespace heed
