//===- ReferenceCache.cpp - Caches of a model on the reference ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ReferenceCache.h"
#include "heed/Support/Error.h"

using namespace mlir;

namespace heed {

FailureOr<ReferenceCache>
ReferenceCache::create(Location location, ArrayRef<attn::CacheType> types,
                       int64_t slots, int64_t capacity) {
  if (slots < 1 || capacity < 1)
    return emitError(location)
           << "found a cache of " << slots << " slots for " << capacity
           << " tokens, wanted at least 1 of both";
  ReferenceCache result(slots, capacity);
  for (attn::CacheType type : types) {
    FailureOr<reference::CacheLayout> layout = attn::getCacheLayout(type);
    if (failed(layout))
      return emitError(location) << "the reference runs caches with fields of "
                                    "one rate, token or ring, found "
                                 << type;
    result.caches.emplace_back(std::move(*layout), slots, capacity);
    result.shapes.push_back(attn::getFieldShapes(type));
  }
  return result;
}

int64_t ReferenceCache::getLastPosition(int64_t slot) const {
  const std::vector<int64_t> &positions = slots[slot].positions;
  return positions.empty() ? -1 : positions.back();
}

llvm::Error ReferenceCache::checkSlot(int64_t slot) const {
  if (slot >= 0 && slot < getSlots())
    return llvm::Error::success();
  return makeError("slot " + Twine(slot) + " found, 0 to " +
                   Twine(getSlots() - 1) + " wanted");
}

bool ReferenceCache::isReleased(size_t cache, int64_t slot) const {
  return slots[slot].decoded && shapes[cache].front().untilDecode;
}

void ReferenceCache::release(int64_t slot) {
  for (size_t i = 0; i < caches.size(); ++i)
    if (isReleased(i, slot))
      caches[i].reset(slot);
}

llvm::Error ReferenceCache::reset(int64_t slot) {
  if (slot != -1)
    if (llvm::Error error = checkSlot(slot))
      return error;
  for (int64_t i = 0; i < getSlots(); ++i) {
    if (slot != -1 && i != slot)
      continue;
    slots[i] = Slot();
    for (reference::Cache &cache : caches)
      cache.reset(i);
  }
  return llvm::Error::success();
}

llvm::Error ReferenceCache::trim(int64_t slot, int64_t tokens) {
  if (llvm::Error error = checkSlot(slot))
    return error;
  int64_t held = getTokens(slot);
  if (tokens < 0 || tokens > held)
    return makeError("trim of slot " + Twine(slot) + " to " + Twine(tokens) +
                     " tokens found, 0 to " + Twine(held) + " wanted");
  if (tokens == 0)
    return reset(slot);
  for (auto [i, cache] : llvm::enumerate(caches))
    if (!cache.canTrim(slot, tokens))
      return makeError("trim of slot " + Twine(slot) + " to " + Twine(tokens) +
                       " tokens found, the ring of cache " + Twine(i) +
                       " has overwritten what it would need");
  for (reference::Cache &cache : caches)
    cache.trim(slot, tokens);
  slots[slot].positions.resize(tokens);
  return llvm::Error::success();
}

llvm::Error ReferenceCache::fork(int64_t from, int64_t to) {
  if (llvm::Error error = checkSlot(from))
    return error;
  if (llvm::Error error = checkSlot(to))
    return error;
  for (reference::Cache &cache : caches)
    cache.fork(from, to);
  slots[to] = slots[from];
  return llvm::Error::success();
}

int64_t ReferenceCache::countBytes() const {
  int64_t bytes = 0;
  for (const SmallVector<CacheFieldShape> &fields : shapes)
    for (const Slot &slot : slots)
      bytes += countCacheBytes(fields, 1, capacity, slot.decoded);
  return bytes;
}

} // namespace heed
