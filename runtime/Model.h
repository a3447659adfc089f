//===- Model.h - A package on a device --------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The object behind heed_model: package, weights, device and the programs of
/// the entries. Immutable for its users; the memory for temporaries and the
/// device are guarded by a lock, so that steps run one after the other.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_MODEL_H
#define HEED_RUNTIME_MODEL_H

#include "runtime/Device.h"
#include "runtime/Package.h"
#include "runtime/Program.h"
#include "runtime/Replay.h"
#include "runtime/Weights.h"

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace heed {

/// Which entry a step runs; the caller's choice.
enum class Phase { Prefill = 0, Decode = 1 };

inline const char *phaseName(Phase phase) {
  return phase == Phase::Prefill ? "prefill" : "decode";
}

/// The arrays of a checked step, in the memory of this process.
struct StepInputs {
  StepSizes sizes;
  const int32_t *ids = nullptr;       ///< B x N.
  const int32_t *positions = nullptr; ///< B x N, -1 = padding.
  const int32_t *rows = nullptr;      ///< B x R, -1 = none.
  const int32_t *slots = nullptr;     ///< B, all different.
};

class Model {
public:
  /// Opens what `package` describes. Fails without a trace.
  static Status open(Package package, const std::string &folder,
                     const std::string &device, const DeviceOptions &options,
                     std::unique_ptr<Model> &model);

  const Package &package() const { return package_; }
  /// The metadata, terminated.
  const std::string &metadata() const { return metadata_; }
  /// What computes large products, see `Device::describeProducts`.
  const std::string &products() const { return products_; }
  /// The device; work on it needs the lock.
  Device &device() { return *device_; }
  std::unique_lock<std::mutex> lock() {
    return std::unique_lock<std::mutex>(running_);
  }

  /// Returns the program of `phase`, or null if the package has none.
  const Program *program(Phase phase) const {
    return programs_[static_cast<int>(phase)].get();
  }

  /// Runs the program of `phase`, which must be there, under the lock. Nothing
  /// has happened if it fails with HEED_OUT_OF_MEMORY.
  Status run(Phase phase, const StepInputs &inputs, const CacheBinding &cache,
             const Trace &trace, float *logits);

private:
  Status prepare(Phase phase, const StepSizes &sizes);
  void writeInputs(const StepPlan &plan, const StepInputs &inputs);

  // Ended in reverse order: the device before what it has adopted.
  Package package_;
  std::string metadata_, products_;
  Weights weights_;
  std::unique_ptr<Device> device_;
  std::unique_ptr<Program> programs_[2];

  std::mutex running_;
  StepPlan plans_[2]; ///< Of the last step of each phase.
  DeviceMemory memory_;
  std::vector<int32_t> inputs_; ///< As the plan lays them out.
  Replay decode_;
};

} // namespace heed

#endif // HEED_RUNTIME_MODEL_H
