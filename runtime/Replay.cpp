//===- Replay.cpp - Steps that repeat are recorded ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Replay.h"

namespace heed {

bool Replay::repeats(const StepPlan &plan, const StepBinding &binding) const {
  return sizes_ == plan.sizes && memory_ == binding.memory &&
         cache_ == *binding.cache;
}

Status Replay::run(const Program &program, const StepPlan &plan,
                   const StepBinding &binding, Device &device) {
  if (binding.trace.callback)
    return program.run(plan, binding, device);
  if (!repeats(plan, binding)) {
    recording_.reset();
    sizes_ = plan.sizes;
    memory_ = binding.memory;
    cache_ = *binding.cache;
    return program.run(plan, binding, device);
  }
  if (!recording_ && device.beginRecording()) {
    Status error = program.run(plan, binding, device);
    recording_ = device.endRecording();
    if (error || !recording_)
      return error ? error : device.finish();
  }
  if (!recording_)
    return program.run(plan, binding, device);
  device.replay(*recording_);
  return Status();
}

} // namespace heed
