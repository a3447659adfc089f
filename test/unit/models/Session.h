//===- Session.h - One way to run a model on any device ---------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Lets a test of whole models run on every device: an open model with a cache,
/// stepped as heed-c/Runtime.h says.
///
///     auto session = openSession(Device::Cpu, *module, folder, 1, 128);
///     heed_step step = {1, n, n, ids, nullptr, rows, nullptr, logits};
///     (*session)->prefill(step);
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_MODELS_SESSION_H
#define HEED_TEST_UNIT_MODELS_SESSION_H

#include "heed-c/Runtime.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace heed {

/// `Emulated` is a GPU whose driver is the fake one and whose kernels run in
/// the PTX emulator.
enum class Device { Reference, Cpu, Emulated };

inline llvm::StringRef nameOf(Device device) {
  constexpr llvm::StringRef names[] = {"reference", "cpu", "emulated"};
  return names[static_cast<int>(device)];
}

/// The devices that whole suites run on, and all there are: the emulated one is
/// slow.
inline constexpr Device kDevices[] = {Device::Reference, Device::Cpu};
inline constexpr Device kAllDevices[] = {Device::Reference, Device::Cpu,
                                         Device::Emulated};

/// One model and one cache of it.
class Session {
public:
  virtual ~Session() = default;
  virtual int64_t vocabulary() const = 0;
  virtual llvm::Error prefill(const heed_step &step) = 0;
  virtual llvm::Error decode(const heed_step &step) = 0;
  /// Forgets all tokens of all slots.
  virtual llvm::Error reset() = 0;
  virtual llvm::Error trim(int64_t slot, int64_t tokens) = 0;
  virtual llvm::Error fork(int64_t from, int64_t to) = 0;
  virtual int64_t cacheBytes() const = 0;
  /// Returns how many products a library has computed.
  virtual int64_t countProducts() const { return 0; }
  /// Returns how often each command has run, by its label; nothing on a device
  /// that runs no commands.
  virtual std::map<std::string, int64_t> commands() const { return {}; }
};

/// Opens `module`, whose weight paths are relative to `folder`, with a cache of
/// `slots` sequences of at most `capacity` tokens. The module must outlive the
/// session.
llvm::Expected<std::unique_ptr<Session>>
openSession(Device device, mlir::ModuleOp module, llvm::StringRef folder,
            int64_t slots, int64_t capacity, int32_t threads = 1);

/// Those that openSession() chooses from; one emulated session at a time.
llvm::Expected<std::unique_ptr<Session>>
openReferenceSession(mlir::ModuleOp module, llvm::StringRef folder,
                     int64_t slots, int64_t capacity);
llvm::Expected<std::unique_ptr<Session>>
openCpuSession(mlir::ModuleOp module, llvm::StringRef folder, int64_t slots,
               int64_t capacity, int32_t threads);
llvm::Expected<std::unique_ptr<Session>>
openEmulatedSession(mlir::ModuleOp module, llvm::StringRef folder,
                    int64_t slots, int64_t capacity, bool hasLibrary = true);

} // namespace heed

#endif // HEED_TEST_UNIT_MODELS_SESSION_H
