//===- Replay.h - Steps that repeat are recorded ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the commands of a program, and has the device record them when a step
/// has the sizes, the memory and the cache of the one before: all parameters of
/// all launches follow from these three, and what else changes from step to
/// step (ids, positions, lengths) lies in that memory. A decoded token then
/// costs one call of the driver instead of hundreds.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_REPLAY_H
#define HEED_RUNTIME_REPLAY_H

#include "runtime/Device.h"
#include "runtime/Program.h"

#include <cstdint>
#include <memory>

namespace heed {

class Replay {
public:
  /// Starts the commands of `program`: the first time one by one, the second
  /// time recorded, from then on by the recording. Steps with a trace always
  /// run one by one. Always of one program and one device, which outlives this.
  Status run(const Program &program, const StepPlan &plan,
             const StepBinding &binding, Device &device);

  /// Forgets the last step, whose memory ends.
  void forget() { *this = Replay(); }

private:
  bool repeats(const StepPlan &plan, const StepBinding &binding) const;

  // The last step.
  StepSizes sizes_;
  int64_t memory_ = 0;
  CacheBinding cache_;
  std::unique_ptr<Recording> recording_;
};

} // namespace heed

#endif // HEED_RUNTIME_REPLAY_H
