//===- SlotTable.cpp - Which tokens each slot has taken -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/SlotTable.h"

#include "runtime/Arithmetic.h"

#include <cstring>

namespace heed {

Status SlotTable::create(int64_t slots, int64_t capacity) {
  int64_t bytes;
  if (!multiply(slots, capacity, bytes) || !multiply(bytes, 4, bytes))
    return makeError(
        HEED_OUT_OF_MEMORY, "cache: %lld slots of %lld tokens are too many",
        static_cast<long long>(slots), static_cast<long long>(capacity));
  if (Status error = history_.allocate(bytes, "cache: positions"))
    return error;
  slots_.assign(slots, Slot());
  capacity_ = capacity;
  return Status();
}

int32_t SlotTable::lastPosition(int64_t slot) const {
  int64_t tokens = slots_[slot].tokens;
  return tokens == 0 ? -1 : int32_t(history(slot)[tokens - 1] >> 1);
}

int64_t SlotTable::count(int64_t slot, int64_t tokens, Phases phases) const {
  if (phases.prefill == phases.decode)
    return phases.prefill ? tokens : 0;
  int64_t decoded = 0;
  for (int64_t i = 0; i != tokens; ++i)
    decoded += history(slot)[i] & 1;
  return phases.decode ? decoded : tokens - decoded;
}

void SlotTable::append(int64_t slot, int32_t position, Phase phase) {
  Slot &record = slots_[slot];
  bool decode = phase == Phase::Decode;
  history(slot)[record.tokens++] = uint32_t(position) << 1 | uint32_t(decode);
  record.decoded |= decode;
}

void SlotTable::trim(int64_t slot, int64_t tokens) {
  slots_[slot].tokens = tokens;
}

void SlotTable::reset(int64_t slot) { slots_[slot] = Slot(); }

void SlotTable::copy(int64_t from, int64_t to) {
  slots_[to] = slots_[from];
  std::memcpy(history(to), history(from), slots_[from].tokens * 4);
}

} // namespace heed
