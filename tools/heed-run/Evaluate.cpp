//===- Evaluate.cpp - Bits per byte of a text -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Evaluate.h"

#include "heed/Support/Error.h"
#include "tools/heed-run/Generate.h"

#include <algorithm>
#include <cmath>

namespace heed {
namespace {

/// Bytes of the baseline's logits that are kept for comparison.
constexpr int64_t kKeptBytes = int64_t(256) << 20;

class Evaluation {
public:
  Evaluation(Session &model, Session *baseline, const EvalText &text,
             const EvalOptions &options)
      : model(model), baseline(baseline), text(text), options(options),
        vocabulary(model.getFacts().vocabulary),
        startId(model.getFacts().startId), shift(startId ? 0 : 1) {}

  llvm::Expected<EvalScore> run();

private:
  llvm::Error check() const;
  llvm::Error runBatch(llvm::ArrayRef<int64_t> windows);
  TokenIds getInputs(int64_t window) const;
  /// Returns which token of the text the input number `token` predicts.
  int64_t getTarget(int64_t window, int64_t token) const {
    return window * options.window + token + shift;
  }
  void score(int64_t window, int64_t token, llvm::ArrayRef<float> logits,
             llvm::ArrayRef<float> wanted);

  Session &model;
  Session *baseline;
  const EvalText &text;
  const EvalOptions &options;
  int64_t vocabulary;
  std::optional<int32_t> startId;
  int64_t shift;
  EvalScore result;
};

} // namespace

llvm::Error Evaluation::check() const {
  int64_t context = model.getFacts().context;
  if (options.window < 2 || options.window % 2 ||
      (context && options.window > context))
    return makeError(
        "found a window of " + llvm::Twine(options.window) +
        " tokens, wanted an even number of at least 2" +
        (context ? " and at most " + llvm::Twine(context) : llvm::Twine()));
  if (int64_t(text.ids.size()) < options.window + shift)
    return makeError("found a text of " + llvm::Twine(text.ids.size()) +
                     " tokens, wanted at least " +
                     llvm::Twine(options.window + shift) + ", one window");
  if (baseline && (baseline->getFacts().vocabulary != vocabulary ||
                   baseline->getFacts().startId != startId))
    return makeError(
        baseline->getFacts().file +
        ": found another vocabulary or start id, wanted those of " +
        model.getFacts().file);
  return llvm::Error::success();
}

TokenIds Evaluation::getInputs(int64_t window) const {
  TokenIds inputs;
  for (int64_t i = 0; i < options.window; ++i) {
    int64_t before = getTarget(window, i) - 1;
    inputs.push_back(i == 0 && startId ? *startId : text.ids[before]);
  }
  return inputs;
}

void Evaluation::score(int64_t window, int64_t token,
                       llvm::ArrayRef<float> logits,
                       llvm::ArrayRef<float> wanted) {
  HalfScore &half = token < options.window / 2 ? result.prefill : result.decode;
  int64_t target = getTarget(window, token);
  half.bits +=
      (getLogSumExp(logits) - double(logits[text.ids[target]])) / std::log(2.0);
  half.tokens += 1;
  half.bytes += text.bytes[target];
  if (!wanted.empty())
    half.divergence.add(logits, wanted);
}

llvm::Error Evaluation::runBatch(llvm::ArrayRef<int64_t> windows) {
  std::vector<TokenIds> inputs;
  for (int64_t window : windows)
    inputs.push_back(getInputs(window));
  std::vector<int64_t> prompts(windows.size(), options.window / 2);
  std::vector<float> kept;
  auto place = [&](int64_t sequence, int64_t token) {
    return (sequence * options.window + token) * vocabulary;
  };
  if (baseline) {
    kept.resize(place(int64_t(windows.size()), 0));
    if (llvm::Error error = force(
            *baseline, inputs, prompts,
            [&](int64_t sequence, int64_t token, llvm::ArrayRef<float> logits) {
              llvm::copy(logits, kept.begin() + place(sequence, token));
            }))
      return error;
  }
  return force(
      model, inputs, prompts,
      [&](int64_t sequence, int64_t token, llvm::ArrayRef<float> logits) {
        llvm::ArrayRef<float> wanted;
        if (baseline)
          wanted =
              llvm::ArrayRef(kept).slice(place(sequence, token), vocabulary);
        score(windows[sequence], token, logits, wanted);
      });
}

llvm::Expected<EvalScore> Evaluation::run() {
  if (llvm::Error error = check())
    return std::move(error);
  int64_t present = (int64_t(text.ids.size()) - shift) / options.window;
  int64_t count =
      options.windows ? std::min(options.windows, present) : present;
  int64_t batch = std::max<int64_t>(options.batch, 1);
  if (baseline)
    batch = std::clamp<int64_t>(kKeptBytes / (options.window * vocabulary * 4),
                                1, batch);
  std::vector<int64_t> windows;
  for (int64_t i = 0; i < count; ++i)
    windows.push_back(i * present / count);
  llvm::ArrayRef<int64_t> rest = windows;
  while (!rest.empty()) {
    size_t size = std::min(rest.size(), size_t(batch));
    if (llvm::Error error = runBatch(rest.take_front(size)))
      return std::move(error);
    rest = rest.drop_front(size);
  }
  result.windows = count;
  if (!std::isfinite(result.prefill.bits + result.decode.bits))
    return makeError("found a score that is no number: the model computes "
                     "logits that are not finite");
  return result;
}

llvm::Expected<EvalScore> evaluate(Session &model, Session *baseline,
                                   const EvalText &text,
                                   const EvalOptions &options) {
  return Evaluation(model, baseline, text, options).run();
}

} // namespace heed
