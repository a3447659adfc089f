//===- Cache.h - The tokens of some sequences -------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The object behind heed_cache: for each cache of the model the arrays that
/// kernels read (fields, positions, counts), and the host's record of what is
/// in them. Belongs to one thread at a time; the model must outlive it.
///
/// **Entries.** A slot of a cache has `min(window + sinks, capacity)` entries,
/// or `capacity` without a window. Of n tokens appended, the last `window` and
/// the first `sinks` are readable, in `min(n, entries)` entries; the others
/// have position -1.
///
/// **Until decode.** Caches that are kept until decode are released slot by
/// slot, at the first decode of each, and a slot that has decoded is refused by
/// `prefill` until it is reset. Forking copies that state.
///
/// **Failure.** Everything that can fail is done before anything changes.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CACHE_CACHE_H
#define HEED_RUNTIME_CACHE_CACHE_H

#include "runtime/Device.h"
#include "runtime/Model.h"
#include "runtime/Program.h"
#include "runtime/cache/SlotTable.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace heed {

class Cache {
public:
  /// Makes an empty cache of `slots` slots for `capacity` tokens each.
  static Status create(Model &model, int64_t slots, int64_t capacity,
                       std::unique_ptr<Cache> &cache);

  /// Forgets the tokens of `slot`, of all slots if it is -1.
  Status reset(int64_t slot);
  /// Forgets all tokens of `slot` but the first `tokens`; 0 is a reset.
  Status trim(int64_t slot, int64_t tokens);
  Status fork(int64_t from, int64_t to);
  Status tokens(int64_t slot, int64_t &tokens) const;
  /// Counts the bytes of the fields that are not released.
  int64_t bytes() const;

  Status step(Phase phase, const heed_step &step);

  void setTrace(Trace trace) { trace_ = trace; }

private:
  /// One cache of the package.
  struct Part {
    Phases appendedIn;
    bool untilDecode = false;
    uint32_t firstField = 0, fieldCount = 0;
    int64_t slotBytes = 0; ///< Of all fields.
  };
  /// One field of the package.
  struct Field {
    int64_t heads = 0, rowBytes = 0;
  };

  explicit Cache(Model &model) : model_(model) {}
  Status allocate(int64_t slots, int64_t capacity);
  void describeParts();
  bool placePart(uint32_t part, int64_t slots, int64_t capacity,
                 int64_t &bytes);
  Status checkSlot(int64_t slot) const;
  Status checkPrefill(const StepInputs &inputs) const;
  void resetSlot(int64_t slot);
  bool isReleased(uint32_t part, int64_t slot) const;
  void release(int64_t slot);
  void commit(Phase phase, const StepInputs &inputs);
  /// Writes count and positions of a slot that keeps its first `after` of
  /// `before` tokens.
  void shorten(uint32_t part, int64_t slot, int64_t before, int64_t after);
  void copyPart(uint32_t part, int64_t from, int64_t to);
  int64_t count(uint32_t part, int64_t slot, int64_t tokens) const {
    return table_.count(slot, tokens, parts_[part].appendedIn);
  }

  Model &model_;
  SlotTable table_;
  CacheBinding binding_;
  std::vector<Part> parts_;
  std::vector<Field> fields_;
  DeviceMemory memory_;
  Trace trace_;
};

} // namespace heed

#endif // HEED_RUNTIME_CACHE_CACHE_H
