//===- Cache.h - What is remembered of earlier tokens -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Caches of rates `token` and `ring`, as the records of the graph dialect and
/// heed-c/Runtime.h describe them.
///
/// A `Cache` holds slots; a `CacheValue` is what an SSA value stands for: some
/// slots, and the tokens that the step has appended to them so far. Reading and
/// appending leave the cache alone; `Cache::commit` carries the appends out. So
/// a step that fails changes nothing.
///
/// **Entries.** A slot has `min(window + sinks, capacity)` entries, `capacity`
/// without a window. The n-th token goes to entry n, or in a full ring to
/// `sinks + (n - sinks) % (entries - sinks)`.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_REFERENCE_CACHE_H
#define HEED_REFERENCE_CACHE_H

#include "heed/Reference/Tensor.h"

#include "llvm/ADT/ArrayRef.h"

#include <algorithm>
#include <vector>

namespace heed::reference {

/// What all slots of a cache have in common.
struct CacheLayout {
  struct Field {
    int64_t heads = 1, width = 1;
    Element element = Element::F32;
  };
  std::vector<Field> fields;
  int64_t window = 0; ///< 0: every token is kept.
  int64_t sinks = 0;

  /// Returns the entries of a slot made for `capacity` tokens.
  int64_t countEntries(int64_t capacity) const;
};

/// What is remembered of one sequence.
class CacheSlot {
public:
  CacheSlot(const CacheLayout &layout, int64_t entries);

  /// Returns how many tokens were appended so far.
  int64_t count() const { return static_cast<int64_t>(numbers.size()); }
  /// Returns how many entries can be read.
  int64_t readable() const { return std::min(count(), entries); }
  double position(int64_t entry) const { return positions[entry]; }
  /// Returns the `width` numbers of a head's entry.
  const double *at(const CacheLayout &layout, int64_t field, int64_t head,
                   int64_t entry) const;

  /// Appends a token; `number` counts the tokens of the sequence, and
  /// `values[f]` points to head 0 of field f, heads `strides[f]` apart.
  void append(const CacheLayout &layout, int64_t number, double position,
              llvm::ArrayRef<const double *> values,
              llvm::ArrayRef<int64_t> strides);

  /// Returns how many of the appended tokens have numbers below `tokens`.
  int64_t countBefore(int64_t tokens) const;
  /// Says whether forgetting all but the first `kept` appended tokens needs
  /// none that a ring has overwritten.
  bool canTrim(const CacheLayout &layout, int64_t kept) const;
  void trim(int64_t kept);

private:
  int64_t entryOf(const CacheLayout &layout, int64_t index) const;

  int64_t entries;
  std::vector<double> positions;
  std::vector<std::vector<double>> fields; ///< [heads][entries][width] each.
  std::vector<int64_t> numbers;            ///< Of the appended tokens.
};

/// Tokens appended in one step: B x N positions, one tensor for each field.
struct CacheAppend {
  TensorRef positions;
  std::vector<TensorRef> values;
};

class CacheValue;

/// One cache of a model. Copies are deep.
class Cache {
public:
  Cache(CacheLayout layout, int64_t slots, int64_t capacity);

  const CacheLayout &getLayout() const { return layout; }
  int64_t getEntries() const { return entries; }
  const CacheSlot &getSlot(int64_t slot) const { return slots[slot]; }

  /// Carries out the appends of `value`. `numbers` is B x N: which token of
  /// its sequence each token of the step is.
  void commit(const CacheValue &value, const Tensor &numbers);

  void reset(int64_t slot);
  /// Forgets what came with tokens from number `tokens` on.
  /// REQUIRES: canTrim(slot, tokens).
  void trim(int64_t slot, int64_t tokens);
  bool canTrim(int64_t slot, int64_t tokens) const;
  void fork(int64_t from, int64_t to) { slots[to] = slots[from]; }

private:
  CacheLayout layout;
  int64_t entries;
  std::vector<CacheSlot> slots;
};

/// A handle on some slots of a cache, and what is to be appended to them. The
/// cache must outlive it.
class CacheValue {
public:
  /// Row b of the step uses slot `slots[b]`.
  CacheValue(const Cache &cache, llvm::ArrayRef<int64_t> slots);

  const Cache &getCache() const { return *cache; }
  /// Returns B, the number of slots.
  int64_t getBatch() const { return static_cast<int64_t>(slots.size()); }

  /// Returns each field as B x heads x M x width, then the positions, B x M.
  std::vector<Tensor> read() const;

  /// Returns a handle with these tokens behind the others.
  CacheValue append(CacheAppend tokens) const;

  /// Returns this handle without what it has appended since `before` for the
  /// tokens where `skipped`, of shape B or B x N, is not 0.
  CacheValue dropSkipped(const CacheValue &before, const Tensor &skipped) const;

private:
  friend class Cache;
  void applyTo(CacheSlot &slot, int64_t row, const Tensor *numbers) const;

  const Cache *cache;
  std::vector<int64_t> slots;
  std::vector<std::shared_ptr<const CacheAppend>> appends;
};

} // namespace heed::reference

#endif // HEED_REFERENCE_CACHE_H
