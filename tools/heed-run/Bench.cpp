//===- Bench.cpp - Tokens per second --------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Bench.h"

#include "heed/Support/Error.h"

#include <algorithm>
#include <chrono>

namespace heed {

using Clock = std::chrono::steady_clock;

static double secondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

static Rate summarise(std::vector<double> rates) {
  std::sort(rates.begin(), rates.end());
  size_t middle = rates.size() / 2;
  double median = rates.size() % 2 ? rates[middle]
                                   : (rates[middle - 1] + rates[middle]) / 2;
  return {median, rates.front(), rates.back()};
}

static llvm::Error checkOptions(const BenchOptions &options, int64_t context) {
  if (options.batch < 1 || options.tokens < 1 || options.newTokens < 1 ||
      options.rounds < 1)
    return makeError("found a benchmark of no sequence, token or round, wanted "
                     "at least 1 of each");
  if (context && options.tokens + options.newTokens > context)
    return makeError("found a benchmark of " + llvm::Twine(options.tokens) +
                     " and " + llvm::Twine(options.newTokens) +
                     " tokens, wanted at most " + llvm::Twine(context) +
                     " together, the model's context");
  return llvm::Error::success();
}

/// Runs one round and adds its rates.
static llvm::Error runRound(Session &session, const BenchOptions &options,
                            llvm::ArrayRef<int32_t> ids,
                            std::vector<double> &prefill,
                            std::vector<double> &decode) {
  std::vector<float> logits(options.batch * session.getFacts().vocabulary);
  heed_step step = {};
  step.batch = options.batch;
  step.tokens = options.tokens;
  step.rows = 1;
  step.ids = ids.data();
  step.logits = logits.data();
  if (llvm::Error error = session.reset())
    return error;
  Clock::time_point start = Clock::now();
  if (llvm::Error error = session.prefill(step))
    return error;
  prefill.push_back(double(options.batch * options.tokens) /
                    secondsSince(start));
  step.tokens = 1;
  start = Clock::now();
  for (int64_t i = 0; i < options.newTokens; ++i)
    if (llvm::Error error = session.decode(step))
      return error;
  decode.push_back(double(options.batch * options.newTokens) /
                   secondsSince(start));
  return llvm::Error::success();
}

llvm::Expected<BenchResult> bench(Session &session,
                                  const BenchOptions &options) {
  const ModelFacts &facts = session.getFacts();
  if (llvm::Error error = checkOptions(options, facts.context))
    return std::move(error);
  if (llvm::Error error =
          session.makeCache(options.batch, options.tokens + options.newTokens))
    return std::move(error);
  std::vector<int32_t> ids;
  for (int64_t i = 0; i < options.batch * options.tokens; ++i)
    ids.push_back(int32_t(i * 7919 % facts.vocabulary));
  std::vector<double> prefill, decode;
  for (int64_t round = 0; round <= options.rounds; ++round) {
    if (round == 1) { // what came before warmed up
      prefill.clear();
      decode.clear();
    }
    if (llvm::Error error = runRound(session, options, ids, prefill, decode))
      return std::move(error);
  }
  return BenchResult{summarise(prefill), summarise(decode),
                     session.countCacheBytes()};
}

} // namespace heed
