//===- Cache.cpp - What is remembered of earlier tokens -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Cache.h"

#include <algorithm>
#include <cassert>

namespace heed::reference {

int64_t CacheLayout::countEntries(int64_t capacity) const {
  return window ? std::min(window + sinks, capacity) : capacity;
}

//===----------------------------------------------------------------------===//
// CacheSlot
//===----------------------------------------------------------------------===//

CacheSlot::CacheSlot(const CacheLayout &layout, int64_t entries)
    : entries(entries), positions(entries, -1.0) {
  for (const CacheLayout::Field &field : layout.fields)
    fields.emplace_back(field.heads * entries * field.width);
}

int64_t CacheSlot::entryOf(const CacheLayout &layout, int64_t index) const {
  if (index < entries)
    return index;
  return layout.sinks + (index - layout.sinks) % (entries - layout.sinks);
}

const double *CacheSlot::at(const CacheLayout &layout, int64_t field,
                            int64_t head, int64_t entry) const {
  return fields[field].data() +
         (head * entries + entry) * layout.fields[field].width;
}

void CacheSlot::append(const CacheLayout &layout, int64_t number,
                       double position, llvm::ArrayRef<const double *> values,
                       llvm::ArrayRef<int64_t> strides) {
  int64_t entry = entryOf(layout, count());
  positions[entry] = position;
  for (size_t f = 0; f < fields.size(); ++f) {
    const CacheLayout::Field &field = layout.fields[f];
    for (int64_t head = 0; head < field.heads; ++head) {
      const double *from = values[f] + head * strides[f];
      std::copy(from, from + field.width,
                fields[f].data() + (head * entries + entry) * field.width);
    }
  }
  numbers.push_back(number);
}

int64_t CacheSlot::countBefore(int64_t tokens) const {
  return std::lower_bound(numbers.begin(), numbers.end(), tokens) -
         numbers.begin();
}

bool CacheSlot::canTrim(const CacheLayout &layout, int64_t kept) const {
  return count() <= entries || kept == count() || kept <= layout.sinks;
}

void CacheSlot::trim(int64_t kept) {
  if (kept < entries)
    std::fill(positions.begin() + kept, positions.end(), -1.0);
  numbers.resize(kept);
}

//===----------------------------------------------------------------------===//
// Cache
//===----------------------------------------------------------------------===//

Cache::Cache(CacheLayout wanted, int64_t slotCount, int64_t capacity)
    : layout(std::move(wanted)), entries(layout.countEntries(capacity)),
      slots(slotCount, CacheSlot(layout, entries)) {}

void Cache::commit(const CacheValue &value, const Tensor &numbers) {
  assert(value.cache == this && "a handle on this cache");
  for (size_t row = 0; row < value.slots.size(); ++row)
    value.applyTo(slots[value.slots[row]], row, &numbers);
}

void Cache::reset(int64_t slot) { slots[slot] = CacheSlot(layout, entries); }

bool Cache::canTrim(int64_t slot, int64_t tokens) const {
  return slots[slot].canTrim(layout, slots[slot].countBefore(tokens));
}

void Cache::trim(int64_t slot, int64_t tokens) {
  assert(canTrim(slot, tokens) && "the ring still has what is needed");
  slots[slot].trim(slots[slot].countBefore(tokens));
}

//===----------------------------------------------------------------------===//
// CacheValue
//===----------------------------------------------------------------------===//

CacheValue::CacheValue(const Cache &cache, llvm::ArrayRef<int64_t> slots)
    : cache(&cache), slots(slots.begin(), slots.end()) {}

void CacheValue::applyTo(CacheSlot &slot, int64_t row,
                         const Tensor *numbers) const {
  const CacheLayout &layout = cache->getLayout();
  std::vector<const double *> values(layout.fields.size());
  std::vector<int64_t> strides(layout.fields.size());
  for (const auto &append : appends) {
    int64_t tokens = append->positions->shape[1];
    for (int64_t n = 0; n < tokens; ++n) {
      double position = append->positions->row(row)[n];
      if (position < 0)
        continue;
      for (size_t f = 0; f < values.size(); ++f) {
        strides[f] = tokens * layout.fields[f].width;
        values[f] = append->values[f]->data.data() +
                    row * layout.fields[f].heads * strides[f] +
                    n * layout.fields[f].width;
      }
      int64_t number = 0;
      if (numbers)
        number = numbers->row(row)[std::min(n, numbers->width() - 1)];
      slot.append(layout, number, position, values, strides);
    }
  }
}

std::vector<Tensor> CacheValue::read() const {
  const CacheLayout &layout = cache->getLayout();
  // Slots as they are, or copies with the pending tokens.
  std::vector<CacheSlot> changed;
  std::vector<const CacheSlot *> view;
  int64_t batch = slots.size(), longest = 0;
  changed.reserve(batch);
  for (int64_t b = 0; b < batch; ++b) {
    view.push_back(&cache->getSlot(slots[b]));
    if (!appends.empty()) {
      changed.push_back(*view.back());
      applyTo(changed.back(), b, nullptr);
      view.back() = &changed.back();
    }
    longest = std::max(longest, view.back()->readable());
  }
  std::vector<Tensor> result;
  for (size_t f = 0; f < layout.fields.size(); ++f) {
    const CacheLayout::Field &field = layout.fields[f];
    Tensor &tensor = result.emplace_back(
        field.element,
        llvm::ArrayRef<int64_t>{batch, field.heads, longest, field.width});
    for (int64_t b = 0; b < batch; ++b)
      for (int64_t head = 0; head < field.heads; ++head) {
        const double *from = view[b]->at(layout, f, head, 0);
        std::copy(from, from + view[b]->readable() * field.width,
                  tensor.row((b * field.heads + head) * longest));
      }
  }
  Tensor &positions = result.emplace_back(
      Element::I32, llvm::ArrayRef<int64_t>{batch, longest});
  std::fill(positions.data.begin(), positions.data.end(), -1.0);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t entry = 0; entry < view[b]->readable(); ++entry)
      positions.row(b)[entry] = view[b]->position(entry);
  return result;
}

CacheValue CacheValue::append(CacheAppend tokens) const {
  CacheValue result = *this;
  result.appends.push_back(
      std::make_shared<const CacheAppend>(std::move(tokens)));
  return result;
}

CacheValue CacheValue::dropSkipped(const CacheValue &before,
                                   const Tensor &skipped) const {
  CacheValue result = *this;
  for (size_t i = before.appends.size(); i < appends.size(); ++i) {
    CacheAppend append = *appends[i];
    Tensor positions = *append.positions;
    for (int64_t b = 0; b < positions.shape[0]; ++b)
      for (int64_t n = 0; n < positions.shape[1]; ++n) {
        bool skip =
            skipped.rank() == 1 ? skipped.data[b] != 0 : skipped.row(b)[n] != 0;
        if (skip)
          positions.row(b)[n] = -1;
      }
    append.positions = std::make_shared<const Tensor>(std::move(positions));
    result.appends[i] = std::make_shared<const CacheAppend>(std::move(append));
  }
  return result;
}

} // namespace heed::reference
