//===- Results.h - What is told of a run ------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_RESULTS_H
#define HEED_TOOLS_HEED_RUN_RESULTS_H

#include "tools/heed-run/Bench.h"
#include "tools/heed-run/Evaluate.h"
#include "tools/heed-run/Generate.h"

#include "llvm/Support/JSON.h"
#include "llvm/Support/raw_ostream.h"

namespace heed {

// Text for people, one table each.
void print(llvm::raw_ostream &os, const BenchResult &result,
           const BenchOptions &options);
void print(llvm::raw_ostream &os, const EvalScore &score,
           const EvalOptions &options, bool compared);
void print(llvm::raw_ostream &os, const Divergence &divergence);

// The same for programs. Rates are {"median", "lowest", "highest"} in tokens
// per second, KL is in nats per token, top1 and shares are from 0 to 1.
llvm::json::Value toJson(const BenchResult &result,
                         const BenchOptions &options);
llvm::json::Value toJson(const EvalScore &score, const EvalOptions &options,
                         bool compared);
llvm::json::Value toJson(const Divergence &divergence);
llvm::json::Value toJson(llvm::ArrayRef<Continuation> continuations);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_RESULTS_H
