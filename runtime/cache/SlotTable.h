//===- SlotTable.h - Which tokens each slot has taken -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The host's record of a cache: the position of every token of every slot and
/// the phase in which it came. What the arrays on the device must hold follows
/// from it. Memory grows with the tokens taken.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CACHE_SLOTTABLE_H
#define HEED_RUNTIME_CACHE_SLOTTABLE_H

#include "runtime/Memory.h"
#include "runtime/Model.h"
#include "runtime/Status.h"

#include <cstdint>
#include <vector>

namespace heed {

/// A set of phases.
struct Phases {
  bool prefill = false;
  bool decode = false;
};

class SlotTable {
public:
  /// Makes `slots` empty slots of at most `capacity` tokens.
  Status create(int64_t slots, int64_t capacity);

  int64_t slots() const { return slots_.size(); }
  int64_t capacity() const { return capacity_; }

  int64_t tokens(int64_t slot) const { return slots_[slot].tokens; }
  /// Whether the slot has taken a token by decode.
  bool decoded(int64_t slot) const { return slots_[slot].decoded; }
  /// Returns the position of the last token, or -1.
  int32_t lastPosition(int64_t slot) const;

  /// Counts those of the slot's first `tokens` tokens that came in `phases`.
  int64_t count(int64_t slot, int64_t tokens, Phases phases) const;

  /// Records one token. There must be room.
  void append(int64_t slot, int32_t position, Phase phase);
  /// Forgets all tokens but the first `tokens` <= tokens(slot).
  void trim(int64_t slot, int64_t tokens);
  /// Forgets that the slot has decoded, and all its tokens.
  void reset(int64_t slot);
  void copy(int64_t from, int64_t to);

private:
  struct Slot {
    int64_t tokens = 0;
    bool decoded = false;
  };

  /// The tokens of a slot: position times two, plus one if it was decoded.
  uint32_t *history(int64_t slot) const {
    return reinterpret_cast<uint32_t *>(history_.data()) + slot * capacity_;
  }

  int64_t capacity_ = 0;
  std::vector<Slot> slots_;
  Pages history_;
};

} // namespace heed

#endif // HEED_RUNTIME_CACHE_SLOTTABLE_H
