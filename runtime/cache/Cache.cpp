//===- Cache.cpp - The tokens of some sequences ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cache/Cache.h"

#include "runtime/Arithmetic.h"
#include "runtime/cache/Step.h"

#include <algorithm>
#include <new>

namespace heed {

using ll = long long;

/// Fields begin on pages, so that slots can be given back.
static constexpr int64_t fieldAlignment = 4096;

Status Cache::create(Model &model, int64_t slots, int64_t capacity,
                     std::unique_ptr<Cache> &cache) {
  if (slots < 1 || slots > INT32_MAX)
    return makeError(HEED_INVALID_ARGUMENT,
                     "cache of %lld sequences found, 1 to %d wanted", ll(slots),
                     INT32_MAX);
  if (capacity < 1 || capacity > INT32_MAX)
    return makeError(HEED_INVALID_ARGUMENT,
                     "cache of %lld tokens found, 1 to %d wanted", ll(capacity),
                     INT32_MAX);
  std::unique_ptr<Cache> fresh(new (std::nothrow) Cache(model));
  if (!fresh)
    return makeError(HEED_OUT_OF_MEMORY, "no memory for a cache");
  fresh->describeParts();
  if (Status error = fresh->allocate(slots, capacity))
    return error;
  cache = std::move(fresh);
  return Status();
}

void Cache::describeParts() {
  const Package &package = model_.package();
  for (const heed_package_field &field : package.fields())
    fields_.push_back({field.heads, field.width * elementBytes(field.dtype)});
  for (uint32_t i = 0; i != package.caches().size(); ++i) {
    const heed_package_cache &cache = package.caches()[i];
    Part part;
    const Program *prefill = model_.program(Phase::Prefill);
    const Program *decode = model_.program(Phase::Decode);
    part.appendedIn.prefill = prefill && prefill->appends(i);
    part.appendedIn.decode = decode && decode->appends(i);
    part.untilDecode = cache.until_decode;
    part.firstField = cache.first_field;
    part.fieldCount = cache.field_count;
    parts_.push_back(part);
  }
}

/// Places the arrays of one part behind `bytes`, as offsets; returns whether
/// the sizes fit 64 bits.
bool Cache::placePart(uint32_t number, int64_t slots, int64_t capacity,
                      int64_t &bytes) {
  Part &part = parts_[number];
  const heed_package_cache &cache = model_.package().caches()[number];
  CacheArrays arrays;
  arrays.sinks = cache.sinks;
  arrays.capacity = capacity;
  if (cache.window)
    arrays.capacity = std::min(capacity, int64_t(cache.window) + cache.sinks);
  auto place = [&](int64_t size, int64_t &offset) {
    offset = bytes;
    return add(bytes, size, bytes) && roundUp(bytes, fieldAlignment, bytes);
  };
  // 2^31 slots of 2^31 entries of 4 bytes would be 2^64.
  int64_t entries, size;
  if (!multiply(slots, arrays.capacity, entries) ||
      !multiply(entries, 4, size) || !place(size, arrays.positions) ||
      !place(slots * 4, arrays.counts))
    return false;
  for (uint32_t i = 0; i != part.fieldCount; ++i) {
    const Field &field = fields_[part.firstField + i];
    int64_t rows, offset;
    if (!multiply(field.heads, field.rowBytes, rows) ||
        !multiply(rows, arrays.capacity, rows) ||
        !add(part.slotBytes, rows, part.slotBytes) ||
        !multiply(rows, slots, size) || !place(size, offset))
      return false;
    binding_.fields.push_back(offset);
  }
  binding_.caches.push_back(arrays);
  return true;
}

Status Cache::allocate(int64_t slots, int64_t capacity) {
  if (Status error = table_.create(slots, capacity))
    return error;
  int64_t bytes = 0;
  bool fits = true;
  for (uint32_t i = 0; fits && i != parts_.size(); ++i)
    fits = placePart(i, slots, capacity, bytes);
  if (!fits)
    return makeError(HEED_OUT_OF_MEMORY,
                     "cache: more than 2^63 bytes wanted for %lld slots of "
                     "%lld tokens",
                     ll(slots), ll(capacity));
  if (Status error = memory_.allocate(model_.device(), bytes, "cache"))
    return error;
  auto lock = model_.lock();
  for (int64_t &field : binding_.fields)
    field += memory_.address();
  for (CacheArrays &arrays : binding_.caches) {
    arrays.positions += memory_.address();
    arrays.counts += memory_.address();
    model_.device().fill(arrays.positions, -1, slots * arrays.capacity);
  }
  return model_.device().finish();
}

Status Cache::checkSlot(int64_t slot) const {
  if (slot < 0 || slot >= table_.slots())
    return makeError(HEED_INVALID_ARGUMENT, "slot %lld found, 0 to %lld wanted",
                     ll(slot), ll(table_.slots() - 1));
  return Status();
}

bool Cache::isReleased(uint32_t part, int64_t slot) const {
  return parts_[part].untilDecode && table_.decoded(slot);
}

void Cache::shorten(uint32_t part, int64_t slot, int64_t before,
                    int64_t after) {
  const CacheArrays &arrays = binding_.caches[part];
  int64_t used = std::min(before, arrays.capacity);
  if (after < used)
    model_.device().fill(arrays.positions +
                             (slot * arrays.capacity + after) * 4,
                         -1, used - after);
  model_.device().fill(arrays.counts + slot * 4, int32_t(after), 1);
}

void Cache::resetSlot(int64_t slot) {
  for (uint32_t part = 0; part != parts_.size(); ++part)
    shorten(part, slot, count(part, slot, table_.tokens(slot)), 0);
  table_.reset(slot);
}

Status Cache::reset(int64_t slot) {
  if (slot != -1)
    if (Status error = checkSlot(slot))
      return error;
  auto lock = model_.lock();
  int64_t first = slot == -1 ? 0 : slot;
  int64_t last = slot == -1 ? table_.slots() - 1 : slot;
  for (int64_t each = first; each <= last; ++each)
    resetSlot(each);
  return model_.device().finish();
}

Status Cache::trim(int64_t slot, int64_t tokens) {
  if (Status error = checkSlot(slot))
    return error;
  int64_t held = table_.tokens(slot);
  if (tokens < 0 || tokens > held)
    return makeError(HEED_INVALID_ARGUMENT,
                     "trim of slot %lld to %lld tokens found, 0 to %lld wanted",
                     ll(slot), ll(tokens), ll(held));
  if (tokens == 0)
    return reset(slot);
  for (uint32_t part = 0; part != parts_.size(); ++part) {
    const CacheArrays &arrays = binding_.caches[part];
    int64_t before = count(part, slot, held);
    int64_t after = count(part, slot, tokens);
    bool overwritten = before > arrays.capacity && after < before &&
                       after > arrays.sinks && !isReleased(part, slot);
    if (!overwritten)
      continue;
    std::string_view name =
        model_.package().string(model_.package().caches()[part].name);
    return makeError(HEED_INVALID_ARGUMENT,
                     "trim of slot %lld to %lld tokens found, the ring of "
                     "cache '%.*s' has %lld of %lld left",
                     ll(slot), ll(tokens), int(name.size()), name.data(),
                     ll(arrays.capacity), ll(before));
  }
  auto lock = model_.lock();
  for (uint32_t part = 0; part != parts_.size(); ++part)
    shorten(part, slot, count(part, slot, held), count(part, slot, tokens));
  table_.trim(slot, tokens);
  return model_.device().finish();
}

/// Copies fields, positions and count of one part.
void Cache::copyPart(uint32_t number, int64_t from, int64_t to) {
  Device &device = model_.device();
  const Part &part = parts_[number];
  const CacheArrays &arrays = binding_.caches[number];
  int64_t before = count(number, to, table_.tokens(to));
  int64_t after = count(number, from, table_.tokens(from));
  int64_t used = std::min(after, arrays.capacity);
  // Leaves no entry behind the `used` first, which are overwritten now.
  shorten(number, to, before, std::min(before, used));
  device.fill(arrays.counts + to * 4, int32_t(after), 1);
  device.copy(arrays.positions + to * arrays.capacity * 4,
              arrays.positions + from * arrays.capacity * 4, used * 4);
  if (isReleased(number, from))
    return;
  for (uint32_t i = 0; i != part.fieldCount; ++i) {
    const Field &field = fields_[part.firstField + i];
    int64_t headBytes = arrays.capacity * field.rowBytes;
    int64_t base = binding_.fields[part.firstField + i];
    for (int64_t head = 0; head != field.heads; ++head)
      device.copy(base + (to * field.heads + head) * headBytes,
                  base + (from * field.heads + head) * headBytes,
                  used * field.rowBytes);
  }
}

Status Cache::fork(int64_t from, int64_t to) {
  if (Status error = checkSlot(from))
    return error;
  if (Status error = checkSlot(to))
    return error;
  if (from == to)
    return Status();
  auto lock = model_.lock();
  for (uint32_t part = 0; part != parts_.size(); ++part)
    copyPart(part, from, to);
  table_.copy(from, to);
  if (table_.decoded(to))
    release(to);
  return model_.device().finish();
}

Status Cache::tokens(int64_t slot, int64_t &tokens) const {
  if (Status error = checkSlot(slot))
    return error;
  tokens = table_.tokens(slot);
  return Status();
}

int64_t Cache::bytes() const {
  int64_t bytes = 0;
  for (uint32_t part = 0; part != parts_.size(); ++part)
    for (int64_t slot = 0; slot != table_.slots(); ++slot)
      if (!isReleased(part, slot))
        bytes += parts_[part].slotBytes;
  return bytes;
}

/// Gives back what `slot` has kept until decode.
void Cache::release(int64_t slot) {
  for (uint32_t number = 0; number != parts_.size(); ++number) {
    const Part &part = parts_[number];
    if (!part.untilDecode)
      continue;
    for (uint32_t i = part.firstField; i != part.firstField + part.fieldCount;
         ++i) {
      int64_t bytes = fields_[i].heads * fields_[i].rowBytes *
                      binding_.caches[number].capacity;
      model_.device().discard(binding_.fields[i] + slot * bytes, bytes);
    }
  }
}

Status Cache::checkPrefill(const StepInputs &inputs) const {
  for (uint32_t part = 0; part != parts_.size(); ++part)
    for (int64_t b = 0; b != inputs.sizes.b; ++b) {
      if (!isReleased(part, inputs.slots[b]))
        continue;
      std::string_view name =
          model_.package().string(model_.package().caches()[part].name);
      return makeError(HEED_INVALID_ARGUMENT,
                       "prefill: slot %d has decoded, which has released its "
                       "cache '%.*s'; an empty slot is wanted",
                       inputs.slots[b], int(name.size()), name.data());
    }
  return Status();
}

void Cache::commit(Phase phase, const StepInputs &inputs) {
  for (int64_t b = 0; b != inputs.sizes.b; ++b) {
    int64_t slot = inputs.slots[b];
    bool decoded = table_.decoded(slot);
    for (int64_t n = 0; n != inputs.sizes.n; ++n) {
      int32_t position = inputs.positions[b * inputs.sizes.n + n];
      if (position >= 0)
        table_.append(slot, position, phase);
    }
    if (!decoded && table_.decoded(slot)) {
      auto lock = model_.lock();
      release(slot);
    }
  }
}

Status Cache::step(Phase phase, const heed_step &step) {
  if (!model_.program(phase))
    return makeError(HEED_INVALID_ARGUMENT, "%s: no entry '%s' found",
                     model_.package().name().c_str(), phaseName(phase));
  const heed_package_header &header = model_.package().header();
  CheckedStep checked;
  if (Status error = checked.check(step, phase,
                                   {header.vocabulary, header.context}, table_))
    return Status(error.code(),
                  std::string(phaseName(phase)) + ": " + error.message());
  const StepInputs &inputs = checked.inputs();
  if (phase == Phase::Prefill)
    if (Status error = checkPrefill(inputs))
      return error;
  if (Status error = model_.run(phase, inputs, binding_, trace_, step.logits))
    return error;
  commit(phase, inputs);
  return Status();
}

} // namespace heed
