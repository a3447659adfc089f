//===- Model.cpp - A package on a device ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Model.h"

#include <algorithm>
#include <new>

namespace heed {

Status Model::open(Package package, const std::string &folder,
                   const std::string &device, const DeviceOptions &options,
                   std::unique_ptr<Model> &model) {
  std::unique_ptr<Model> fresh(new (std::nothrow) Model);
  if (!fresh)
    return makeError(HEED_OUT_OF_MEMORY, "no memory for a model");
  fresh->package_ = std::move(package);
  const Package &own = fresh->package_;
  if (Status error = openDevice(device, own, options, fresh->device_))
    return error;
  fresh->products_ = fresh->device_->describeProducts();
  if (Status error = fresh->weights_.open(own, folder))
    return Status(error.code(), own.name() + ": " + error.message());
  if (Status error = fresh->weights_.place(own, *fresh->device_))
    return error;
  fresh->metadata_ = own.blob(own.header().metadata);
  for (uint32_t entry = 0; entry != own.entries().size(); ++entry)
    for (Phase phase : {Phase::Prefill, Phase::Decode})
      if (own.string(own.entries()[entry].name) == phaseName(phase))
        fresh->programs_[static_cast<int>(phase)].reset(
            new Program(own, entry, fresh->weights_));
  model = std::move(fresh);
  return Status();
}

/// Brings plan and memory up to `sizes`.
Status Model::prepare(Phase phase, const StepSizes &sizes) {
  StepPlan &plan = plans_[static_cast<int>(phase)];
  if (!(plan.sizes == sizes) || plan.grids.empty())
    if (Status error =
            program(phase)->plan(sizes, plan, device_->programsWanted()))
      return error;
  // Kept for the next step, unless a small step would hold what a large one
  // needed.
  bool fits = plan.bytes <= memory_.bytes();
  bool wasteful =
      memory_.bytes() > 4 * plan.bytes && memory_.bytes() > (int64_t(64) << 20);
  if (fits && !wasteful)
    return Status();
  decode_.forget();
  memory_ = DeviceMemory();
  return memory_.allocate(*device_, plan.bytes, "temporaries");
}

/// Writes all inputs at once, because to a GPU each write costs the same.
void Model::writeInputs(const StepPlan &plan, const StepInputs &inputs) {
  const StepSizes &sizes = inputs.sizes;
  inputs_.assign((plan.logits - plan.ids) / 4, 0);
  auto put = [&](int64_t to, const int32_t *from, int64_t count) {
    std::copy_n(from, count, inputs_.data() + (to - plan.ids) / 4);
  };
  put(plan.ids, inputs.ids, sizes.b * sizes.n);
  put(plan.positions, inputs.positions, sizes.b * sizes.n);
  put(plan.rows, inputs.rows, sizes.b * sizes.r);
  put(plan.slots, inputs.slots, sizes.b);
  device_->write(memory_.address() + plan.ids, inputs_.data(),
                 plan.logits - plan.ids);
}

Status Model::run(Phase phase, const StepInputs &inputs,
                  const CacheBinding &cache, const Trace &trace,
                  float *logits) {
  std::unique_lock<std::mutex> held = lock();
  if (Status error = prepare(phase, inputs.sizes))
    return error;
  const StepPlan &plan = plans_[static_cast<int>(phase)];
  writeInputs(plan, inputs);
  StepBinding binding = {memory_.address(), &cache, trace};
  const Program &commands = *program(phase);
  if (Status error = phase == Phase::Decode
                         ? decode_.run(commands, plan, binding, *device_)
                         : commands.run(plan, binding, *device_))
    return error;
  device_->read(logits, memory_.address() + plan.logits,
                inputs.sizes.b * inputs.sizes.r *
                    int64_t(package_.header().vocabulary) * 4);
  return device_->finish();
}

} // namespace heed
