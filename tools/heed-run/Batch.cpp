//===- Batch.cpp - Sequences that run side by side ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Batch.h"

#include <algorithm>

namespace heed {
namespace {

/// Tokens of a prefill, all sequences together; more come in several calls.
constexpr int64_t kChunkTokens = 8192;
/// Bytes of logits of one call, if every row is wanted.
constexpr int64_t kLogitBytes = int64_t(64) << 20;

/// The arrays of a step, row by row.
struct Step {
  TokenIds ids, positions, rows, slots;
  std::vector<float> logits;

  /// Adds a place: the token at `position`, or padding if that is -1.
  void add(int32_t id, int64_t position) {
    ids.push_back(id);
    positions.push_back(int32_t(position));
  }

  heed_step view(int64_t vocabulary) {
    heed_step step = {};
    step.batch = int64_t(slots.size());
    step.tokens = int64_t(ids.size()) / step.batch;
    step.rows = int64_t(rows.size()) / step.batch;
    logits.resize(rows.size() * vocabulary);
    step.ids = ids.data();
    step.positions = positions.data();
    step.row_index = rows.data();
    step.slots = slots.data();
    step.logits = logits.data();
    return step;
  }
};

class BatchRun {
public:
  BatchRun(Session &session, llvm::ArrayRef<TokenIds> prompts,
           const BatchHooks &hooks)
      : session(session), prompts(prompts), hooks(hooks),
        vocabulary(session.getFacts().vocabulary) {
    for (const TokenIds &prompt : prompts)
      longest = std::max(longest, int64_t(prompt.size()));
  }

  llvm::Error prefill();
  llvm::Error decode();
  bool isDone() const { return active.empty(); }

private:
  /// A sequence that goes on: its next token, and which of its tokens that is.
  struct Active {
    int64_t sequence;
    int32_t id;
    int64_t token;
  };

  int64_t chooseChunk() const;
  llvm::Error prefillChunk(int64_t begin, int64_t end);
  llvm::Error goOn(int64_t sequence, int64_t token,
                   llvm::ArrayRef<float> logits, std::vector<Active> &next);
  llvm::ArrayRef<float> getRow(const Step &step, int64_t row) const {
    return llvm::ArrayRef(step.logits).slice(row * vocabulary, vocabulary);
  }

  Session &session;
  llvm::ArrayRef<TokenIds> prompts;
  const BatchHooks &hooks;
  int64_t vocabulary, longest = 0;
  std::vector<Active> active;
};

} // namespace

int64_t BatchRun::chooseChunk() const {
  int64_t batch = int64_t(prompts.size());
  int64_t chunk = kChunkTokens / batch;
  if (hooks.see)
    chunk = std::min(chunk, kLogitBytes / (batch * vocabulary * 4));
  return std::clamp(chunk, int64_t(1), longest);
}

/// Runs the places `begin` to `end` of the prompts, which all end at `longest`.
llvm::Error BatchRun::prefillChunk(int64_t begin, int64_t end) {
  Step step;
  bool isLast = end == longest;
  for (auto [sequence, prompt] : llvm::enumerate(prompts)) {
    int64_t padding = longest - int64_t(prompt.size());
    step.slots.push_back(int32_t(sequence));
    for (int64_t place = begin; place < end; ++place) {
      bool isReal = place >= padding;
      step.add(isReal ? prompt[place - padding] : 0,
               isReal ? place - padding : -1);
      if (hooks.see || (isLast && place + 1 == end))
        step.rows.push_back(isReal ? int32_t(place - begin) : -1);
    }
  }
  heed_step view = step.view(vocabulary);
  if (llvm::Error error = session.prefill(view))
    return error;
  for (auto [sequence, prompt] : llvm::enumerate(prompts)) {
    int64_t padding = longest - int64_t(prompt.size());
    for (int64_t r = 0; hooks.see && r < view.rows; ++r)
      if (begin + r >= padding)
        hooks.see(sequence, begin + r - padding,
                  getRow(step, sequence * view.rows + r));
    if (!isLast)
      continue;
    if (llvm::Error error =
            goOn(sequence, int64_t(prompt.size()),
                 getRow(step, (sequence + 1) * view.rows - 1), active))
      return error;
  }
  return llvm::Error::success();
}

llvm::Error BatchRun::prefill() {
  int64_t chunk = chooseChunk();
  for (int64_t begin = 0; begin < longest; begin += chunk)
    if (llvm::Error error =
            prefillChunk(begin, std::min(begin + chunk, longest)))
      return error;
  return llvm::Error::success();
}

/// Asks for the id of token number `token` and adds the sequence to `next`.
llvm::Error BatchRun::goOn(int64_t sequence, int64_t token,
                           llvm::ArrayRef<float> logits,
                           std::vector<Active> &next) {
  llvm::Expected<std::optional<int32_t>> id = hooks.next(sequence, logits);
  if (!id)
    return id.takeError();
  if (*id)
    next.push_back({sequence, **id, token});
  return llvm::Error::success();
}

llvm::Error BatchRun::decode() {
  Step step;
  for (const Active &one : active) {
    step.add(one.id, one.token);
    step.rows.push_back(0);
    step.slots.push_back(int32_t(one.sequence));
  }
  if (llvm::Error error = session.decode(step.view(vocabulary)))
    return error;
  std::vector<Active> next;
  for (auto [i, one] : llvm::enumerate(active)) {
    if (hooks.see)
      hooks.see(one.sequence, one.token, getRow(step, i));
    if (llvm::Error error =
            goOn(one.sequence, one.token + 1, getRow(step, i), next))
      return error;
  }
  active = std::move(next);
  return llvm::Error::success();
}

llvm::Error runBatch(Session &session, llvm::ArrayRef<TokenIds> prompts,
                     const BatchHooks &hooks) {
  BatchRun run(session, prompts, hooks);
  if (llvm::Error error = run.prefill())
    return error;
  while (!run.isDone())
    if (llvm::Error error = run.decode())
      return error;
  return llvm::Error::success();
}

} // namespace heed
