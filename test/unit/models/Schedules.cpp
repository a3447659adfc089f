//===- Schedules.cpp - Many ways to run the same tokens -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Schedules.h"

#include <algorithm>
#include <numeric>

namespace heed {

std::vector<Schedule> listSchedules(int64_t tokens) {
  return {{"one call", tokens, tokens},   {"chunks of 24", tokens, 24},
          {"chunks of 31", tokens, 31},   {"chunks of 1", tokens, 1},
          {"chunk, then decode", 40, 40}, {"chunks, then decode", 50, 7},
          {"decode after 1", 1, 1}};
}

llvm::Expected<std::vector<double>> runSequence(Session &session,
                                                llvm::ArrayRef<int32_t> ids,
                                                const Schedule &schedule,
                                                int32_t slot) {
  const int64_t v = session.vocabulary(), tokens = int64_t(ids.size());
  std::vector<float> logits(tokens * v);
  std::vector<int32_t> rows(tokens);
  std::iota(rows.begin(), rows.end(), 0);
  for (int64_t at = 0, size; at < tokens; at += size) {
    bool prefills = at < schedule.prefilled;
    size = prefills ? std::min(schedule.chunk, schedule.prefilled - at) : 1;
    heed_step step = {};
    step.batch = 1;
    step.tokens = step.rows = size;
    step.ids = &ids[at];
    step.row_index = rows.data();
    step.slots = &slot;
    step.logits = &logits[at * v];
    if (llvm::Error error =
            prefills ? session.prefill(step) : session.decode(step))
      return std::move(error);
  }
  return std::vector<double>(logits.begin(), logits.end());
}

namespace {

/// One step of a batch, as arrays of B x N.
struct BatchStep {
  std::vector<int32_t> ids, positions, rows, slots;
  /// The token of its sequence that each place holds, or -1.
  std::vector<int64_t> tokens;

  void add(const BatchEntry &entry, int64_t token, int32_t place) {
    bool isReal = token >= 0 && token < int64_t(entry.ids.size());
    ids.push_back(isReal ? entry.ids[token] : 0);
    positions.push_back(isReal ? int32_t(token) : -1);
    rows.push_back(isReal ? place : -1);
    tokens.push_back(isReal ? token : -1);
  }
};

} // namespace

/// Runs a step and puts its logits where they belong.
static llvm::Error run(Session &session, const BatchStep &batch, bool prefills,
                       std::vector<std::vector<double>> &results) {
  const int64_t v = session.vocabulary();
  std::vector<float> logits(batch.ids.size() * v);
  heed_step step = {};
  step.batch = int64_t(batch.slots.size());
  step.tokens = step.rows = int64_t(batch.ids.size()) / step.batch;
  step.ids = batch.ids.data();
  step.positions = batch.positions.data();
  step.row_index = batch.rows.data();
  step.slots = batch.slots.data();
  step.logits = logits.data();
  if (llvm::Error error =
          prefills ? session.prefill(step) : session.decode(step))
    return error;
  for (size_t i = 0; i < batch.tokens.size(); ++i)
    if (batch.tokens[i] >= 0)
      std::copy_n(&logits[i * v], v,
                  &results[i / step.tokens][batch.tokens[i] * v]);
  return llvm::Error::success();
}

llvm::Expected<std::vector<std::vector<double>>>
runBatch(Session &session, llvm::ArrayRef<BatchEntry> entries) {
  const int64_t v = session.vocabulary();
  int64_t longest = 0, decodes = 0;
  std::vector<std::vector<double>> results;
  for (const BatchEntry &entry : entries) {
    longest = std::max(longest, entry.prompt);
    decodes = std::max(decodes, int64_t(entry.ids.size()) - entry.prompt);
    results.emplace_back(entry.ids.size() * v);
  }
  BatchStep prefill;
  for (const BatchEntry &entry : entries) {
    prefill.slots.push_back(entry.slot);
    for (int64_t place = 0; place < longest; ++place)
      prefill.add(entry, place - (longest - entry.prompt), int32_t(place));
  }
  if (llvm::Error error = run(session, prefill, /*prefills=*/true, results))
    return std::move(error);
  for (int64_t i = 0; i < decodes; ++i) {
    BatchStep step;
    for (const BatchEntry &entry : entries) {
      step.slots.push_back(entry.slot);
      step.add(entry, entry.prompt + i, 0);
    }
    if (llvm::Error error = run(session, step, /*prefills=*/false, results))
      return std::move(error);
  }
  return results;
}

} // namespace heed
