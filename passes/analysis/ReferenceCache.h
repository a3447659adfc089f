//===- ReferenceCache.h - Caches of a model on the reference ----*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What heed_cache is to a compiled model (heed-c/Runtime.h): slots for
/// sequences, and how many tokens each has taken. The rules are the same.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_ANALYSIS_REFERENCECACHE_H
#define HEED_PASSES_ANALYSIS_REFERENCECACHE_H

#include "dialects/attn/Attn.h"
#include "heed/Cost/CacheCost.h"

#include "llvm/Support/Error.h"

#include <vector>

namespace heed {

/// Belongs to one thread.
class ReferenceCache {
public:
  /// Makes empty caches of these types. Fails, after an error at `location`,
  /// for types that the reference does not hold.
  static mlir::FailureOr<ReferenceCache>
  create(mlir::Location location, llvm::ArrayRef<attn::CacheType> types,
         int64_t slots, int64_t capacity);

  int64_t getSlots() const { return static_cast<int64_t>(slots.size()); }
  int64_t getCapacity() const { return capacity; }
  /// Returns how many tokens a slot has taken.
  int64_t getTokens(int64_t slot) const { return slots[slot].positions.size(); }
  /// Returns the position of the slot's last token, -1 if it has none.
  int64_t getLastPosition(int64_t slot) const;
  /// Says whether the slot has taken a token by decode.
  bool hasDecoded(int64_t slot) const { return slots[slot].decoded; }

  /// Forgets all tokens of a slot, of all slots if it is -1.
  llvm::Error reset(int64_t slot);
  /// Forgets the tokens behind the first `tokens`; refused if a ring has
  /// overwritten what the shorter sequence would need.
  llvm::Error trim(int64_t slot, int64_t tokens);
  /// Makes slot `to` a copy of slot `from`.
  llvm::Error fork(int64_t from, int64_t to);
  /// Returns the bytes that a compiled model's fields would hold now.
  int64_t countBytes() const;

private:
  friend class ReferenceModel;
  struct Slot {
    std::vector<int64_t> positions;
    bool decoded = false;
  };
  ReferenceCache(int64_t slots, int64_t capacity)
      : slots(slots), capacity(capacity) {}
  llvm::Error checkSlot(int64_t slot) const;
  bool isReleased(size_t cache, int64_t slot) const;
  void release(int64_t slot);

  std::vector<Slot> slots;
  int64_t capacity;
  std::vector<reference::Cache> caches;
  /// The fields of each cache.
  std::vector<llvm::SmallVector<CacheFieldShape>> shapes;
};

} // namespace heed

#endif // HEED_PASSES_ANALYSIS_REFERENCECACHE_H
