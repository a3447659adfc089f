//===- ToySession.h - A model in closed form --------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A session without weights: the likeliest id behind some tokens is the sum of
/// all of them, modulo the vocabulary, the others fall off by `slope` a place.
/// Tokens that are lost, repeated or out of place change every later row.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_TOOLS_HEED_RUN_TOYSESSION_H
#define HEED_TEST_UNIT_TOOLS_HEED_RUN_TOYSESSION_H

#include "tools/heed-run/Session.h"

#include "heed/Support/Error.h"

namespace heed {

/// The logit of `id` behind tokens of this sum.
inline float toyLogit(int64_t sum, int64_t id, int64_t vocabulary,
                      float slope) {
  return -slope * float((id - sum % vocabulary + vocabulary) % vocabulary);
}

class ToySession : public Session {
public:
  ToySession(int64_t vocabulary, int64_t context, float slope = 1)
      : slope(slope) {
    facts.file = "toy";
    facts.vocabulary = vocabulary;
    facts.context = context;
  }
  ModelFacts &change() { return facts; }

  llvm::Error makeCache(int64_t sequences, int64_t capacity) override {
    slots.assign(sequences, {});
    this->capacity = capacity;
    return llvm::Error::success();
  }
  llvm::Error reset() override {
    return makeCache(int64_t(slots.size()), capacity);
  }
  llvm::Error prefill(const heed_step &step) override {
    prefilled += step.batch * step.tokens;
    return run(step);
  }
  llvm::Error decode(const heed_step &step) override {
    decoded += step.batch;
    return step.tokens == 1 ? run(step) : makeError("decode of many");
  }
  int64_t countCacheBytes() const override { return 0; }

  int64_t capacity = 0, prefilled = 0, decoded = 0;

private:
  struct Slot {
    int64_t sum = 0, tokens = 0;
  };

  llvm::Error run(const heed_step &step) {
    for (int64_t b = 0; b < step.batch; ++b) {
      Slot &slot = slots.at(step.slots ? step.slots[b] : b);
      std::vector<int64_t> sums;
      for (int64_t n = 0; n < step.tokens; ++n) {
        int64_t at = b * step.tokens + n;
        int64_t position = step.positions ? step.positions[at] : slot.tokens;
        if (position != -1 && (position != slot.tokens || position >= capacity))
          return makeError("position " + llvm::Twine(position));
        if (position != -1) {
          slot.sum += step.ids[at];
          ++slot.tokens;
        }
        sums.push_back(slot.sum);
      }
      for (int64_t r = 0; r < step.rows; ++r) {
        int64_t row = step.row_index ? step.row_index[b * step.rows + r]
                                     : step.tokens - 1;
        for (int64_t id = 0; id < facts.vocabulary; ++id)
          step.logits[(b * step.rows + r) * facts.vocabulary + id] =
              row < 0 ? 0 : toyLogit(sums[row], id, facts.vocabulary, slope);
      }
    }
    return llvm::Error::success();
  }

  float slope;
  std::vector<Slot> slots;
};

} // namespace heed

#endif // HEED_TEST_UNIT_TOOLS_HEED_RUN_TOYSESSION_H
