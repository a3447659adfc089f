//===- Bench.h - Tokens per second ------------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_BENCH_H
#define HEED_TOOLS_HEED_RUN_BENCH_H

#include "tools/heed-run/Session.h"

namespace heed {

struct BenchOptions {
  int64_t batch = 1;      ///< Sequences side by side.
  int64_t tokens = 512;   ///< Prompt of each, one call of prefill.
  int64_t newTokens = 64; ///< Decoded behind the prompt, one by one.
  int64_t rounds = 5;     ///< Measured, behind one that is not.
};

/// Tokens per second, all sequences together, over the rounds.
struct Rate {
  double median = 0, lowest = 0, highest = 0;
};

struct BenchResult {
  Rate prefill, decode;
  int64_t cacheBytes = 0; ///< At the end of a round.
};

/// Measures with ids that depend on nothing but the vocabulary. Fails if the
/// tokens exceed the context.
llvm::Expected<BenchResult> bench(Session &session,
                                  const BenchOptions &options);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_BENCH_H
