//===- Step.cpp - A caller's step, checked --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/Step.h"

#include "runtime/Arithmetic.h"

#include <new>
#include <vector>

namespace heed {

using ll = long long;

Status CheckedStep::check(const heed_step &step, Phase phase,
                          const StepLimits &limits, const SlotTable &table) {
  step_ = step;
  inputs_.sizes = {step.batch, step.tokens, step.rows};
  if (Status error = checkSizes(phase, table))
    return error;
  if (Status error = allocate())
    return error;
  if (Status error = fillSlots(table))
    return error;
  if (Status error = fillPositions(limits, table))
    return error;
  if (Status error = fillIds(limits))
    return error;
  return fillRows();
}

Status CheckedStep::checkSizes(Phase phase, const SlotTable &table) {
  if (step_.batch < 1 || step_.batch > table.slots())
    return makeError(HEED_INVALID_ARGUMENT,
                     "batch %lld found, 1 to %lld slots wanted",
                     ll(step_.batch), ll(table.slots()));
  if (step_.tokens < 1 || step_.tokens > INT32_MAX)
    return makeError(HEED_INVALID_ARGUMENT, "%lld tokens found, 1 to %d wanted",
                     ll(step_.tokens), INT32_MAX);
  if (phase == Phase::Decode && step_.tokens != 1)
    return makeError(HEED_INVALID_ARGUMENT, "%lld tokens found, decode takes 1",
                     ll(step_.tokens));
  if (step_.rows < 0 || step_.rows > INT32_MAX)
    return makeError(HEED_INVALID_ARGUMENT, "%lld rows found, 0 to %d wanted",
                     ll(step_.rows), INT32_MAX);
  if (!step_.ids)
    return makeError(HEED_INVALID_ARGUMENT, "ids are null");
  if (!step_.logits && step_.rows != 0)
    return makeError(HEED_INVALID_ARGUMENT,
                     "logits are null, %lld rows are wanted", ll(step_.rows));
  if (!step_.row_index && step_.rows > 1)
    return makeError(HEED_INVALID_ARGUMENT,
                     "row_index is null for %lld rows, 0 or 1 wanted",
                     ll(step_.rows));
  return Status();
}

Status CheckedStep::allocate() {
  const StepSizes &sizes = inputs_.sizes;
  // At most 2^31 slots, tokens and rows: no overflow.
  int64_t bn = sizes.b * sizes.n, br = sizes.b * sizes.r;
  uint64_t words = 2 * uint64_t(bn) + uint64_t(br) + uint64_t(sizes.b);
  if (words <= uint64_t(PTRDIFF_MAX) / 4)
    memory_.reset(new (std::nothrow) int32_t[words]);
  if (!memory_)
    return makeError(HEED_OUT_OF_MEMORY,
                     "a step of %lld sequences of %lld tokens is too large",
                     ll(sizes.b), ll(sizes.n));
  ids_ = memory_.get();
  positions_ = ids_ + bn;
  rows_ = positions_ + bn;
  slots_ = rows_ + br;
  inputs_.ids = ids_;
  inputs_.positions = positions_;
  inputs_.rows = rows_;
  inputs_.slots = slots_;
  return Status();
}

Status CheckedStep::fillSlots(const SlotTable &table) {
  std::vector<bool> used(table.slots(), false);
  for (int64_t b = 0; b != step_.batch; ++b) {
    slots_[b] = step_.slots ? step_.slots[b] : int32_t(b);
    if (slots_[b] < 0 || slots_[b] >= table.slots())
      return makeError(HEED_INVALID_ARGUMENT,
                       "sequence %lld: slot %d found, 0 to %lld wanted", ll(b),
                       slots_[b], ll(table.slots() - 1));
    if (used[slots_[b]])
      return makeError(HEED_INVALID_ARGUMENT,
                       "sequence %lld: slot %d found twice, all must differ",
                       ll(b), slots_[b]);
    used[slots_[b]] = true;
  }
  return Status();
}

Status CheckedStep::fillPositions(const StepLimits &limits,
                                  const SlotTable &table) {
  for (int64_t b = 0; b != step_.batch; ++b)
    if (Status error = fillSequence(b, limits, table))
      return error;
  // Behind all mistakes, so that a caller who retries with a larger cache is
  // not told the next mistake then.
  for (int64_t b = 0; b != step_.batch; ++b) {
    int64_t fresh = 0;
    for (int64_t n = 0; n != step_.tokens; ++n)
      fresh += positions_[b * step_.tokens + n] >= 0;
    int64_t room = table.capacity() - table.tokens(slots_[b]);
    if (fresh > room)
      return makeError(HEED_CACHE_FULL,
                       "sequence %lld: %lld tokens for slot %d found, which "
                       "has room for %lld of %lld",
                       ll(b), ll(fresh), slots_[b], ll(room),
                       ll(table.capacity()));
  }
  return Status();
}

Status CheckedStep::fillSequence(int64_t sequence, const StepLimits &limits,
                                 const SlotTable &table) {
  int64_t last = table.lastPosition(slots_[sequence]);
  int64_t end = limits.context ? limits.context : int64_t(INT32_MAX) + 1;
  for (int64_t n = 0; n != step_.tokens; ++n) {
    int64_t at = sequence * step_.tokens + n;
    int64_t position = step_.positions ? step_.positions[at] : last + 1;
    if (position >= end)
      return makeError(HEED_INVALID_ARGUMENT,
                       "sequence %lld, token %lld: position %lld found, below "
                       "%lld wanted",
                       ll(sequence), ll(n), ll(position), ll(end));
    if (position != -1 && position <= last)
      return makeError(HEED_INVALID_ARGUMENT,
                       "sequence %lld, token %lld: position %lld found, %lld "
                       "or more, or -1 wanted",
                       ll(sequence), ll(n), ll(position), ll(last + 1));
    if (position != -1)
      last = position;
    positions_[at] = int32_t(position);
  }
  return Status();
}

Status CheckedStep::fillIds(const StepLimits &limits) {
  for (int64_t b = 0; b != step_.batch; ++b)
    for (int64_t n = 0; n != step_.tokens; ++n) {
      int64_t at = b * step_.tokens + n;
      // Kernels look up padding like everything else.
      ids_[at] = positions_[at] < 0 ? 0 : step_.ids[at];
      if (ids_[at] < 0 || ids_[at] >= limits.vocabulary)
        return makeError(HEED_INVALID_ARGUMENT,
                         "sequence %lld, token %lld: id %d found, 0 to %lld "
                         "wanted",
                         ll(b), ll(n), ids_[at], ll(limits.vocabulary - 1));
    }
  return Status();
}

Status CheckedStep::fillRows() {
  for (int64_t b = 0; b != step_.batch; ++b) {
    if (!step_.row_index && step_.rows == 1) {
      int64_t last = step_.tokens - 1;
      while (last >= 0 && positions_[b * step_.tokens + last] < 0)
        --last;
      rows_[b] = int32_t(last);
      continue;
    }
    for (int64_t r = 0; r != step_.rows; ++r) {
      int32_t row = step_.row_index[b * step_.rows + r];
      if (row < -1 || row >= step_.tokens)
        return makeError(HEED_INVALID_ARGUMENT,
                         "sequence %lld, row %lld: index %d found, -1 to %lld "
                         "wanted",
                         ll(b), ll(r), row, ll(step_.tokens - 1));
      rows_[b * step_.rows + r] = row;
    }
  }
  return Status();
}

} // namespace heed
