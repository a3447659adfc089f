//===- Step.h - A caller's step, checked ------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Turns a heed_step into arrays without gaps: positions, rows and slots that
/// the caller left out are filled in, and everything is checked against the
/// model and against what the slots hold. Nothing is changed.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CACHE_STEP_H
#define HEED_RUNTIME_CACHE_STEP_H

#include "runtime/Model.h"
#include "runtime/Status.h"
#include "runtime/cache/SlotTable.h"

#include <cstdint>
#include <memory>

namespace heed {

/// Limits that a model sets.
struct StepLimits {
  int64_t vocabulary = 0;
  int64_t context = 0; ///< 0: none.
};

/// A checked step and the memory of its arrays.
class CheckedStep {
public:
  /// Checks `step`. Fails with HEED_INVALID_ARGUMENT, HEED_CACHE_FULL or
  /// HEED_OUT_OF_MEMORY.
  Status check(const heed_step &step, Phase phase, const StepLimits &limits,
               const SlotTable &table);

  const StepInputs &inputs() const { return inputs_; }

private:
  Status checkSizes(Phase phase, const SlotTable &table);
  Status allocate();
  Status fillSlots(const SlotTable &table);
  Status fillPositions(const StepLimits &limits, const SlotTable &table);
  Status fillSequence(int64_t sequence, const StepLimits &limits,
                      const SlotTable &table);
  Status fillIds(const StepLimits &limits);
  Status fillRows();

  heed_step step_ = {};
  StepInputs inputs_;
  std::unique_ptr<int32_t[]> memory_;
  int32_t *ids_ = nullptr, *positions_ = nullptr, *rows_ = nullptr,
          *slots_ = nullptr;
};

} // namespace heed

#endif // HEED_RUNTIME_CACHE_STEP_H
