//===- Results.cpp - What is told of a run --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Results.h"

#include "llvm/Support/Format.h"

namespace json = llvm::json;

namespace heed {

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

static void printRate(llvm::raw_ostream &os, llvm::StringRef phase,
                      const Rate &rate) {
  os << llvm::format("  %-8s%9.1f tokens/s  (%.1f to %.1f)\n",
                     phase.str().c_str(), rate.median, rate.lowest,
                     rate.highest);
}

void print(llvm::raw_ostream &os, const BenchResult &result,
           const BenchOptions &options) {
  os << "bench: " << options.batch << " x (" << options.tokens << " + "
     << options.newTokens << ") tokens, median of " << options.rounds
     << " rounds\n";
  printRate(os, "prefill", result.prefill);
  printRate(os, "decode", result.decode);
  os << "  cache   " << result.cacheBytes << " bytes\n";
}

static void printHalf(llvm::raw_ostream &os, llvm::StringRef phase,
                      const HalfScore &half, bool compared) {
  os << llvm::format("  %-8s%9.4f bits/byte", phase.str().c_str(),
                     half.getBitsPerByte());
  if (compared)
    os << llvm::format("   KL %.5f nats   top-1 %6.2f %%",
                       half.divergence.getKl(),
                       100 * half.divergence.getAgreement());
  os << "\n";
}

void print(llvm::raw_ostream &os, const EvalScore &score,
           const EvalOptions &options, bool compared) {
  os << "eval: " << score.windows << " windows of " << options.window
     << " tokens\n";
  printHalf(os, "prefill", score.prefill, compared);
  printHalf(os, "decode", score.decode, compared);
}

void print(llvm::raw_ostream &os, const Divergence &divergence) {
  os << llvm::format("compare: %lld tokens, KL %.3e nats, top-1 %.2f %%, "
                     "logit error: largest %.3e, relative %.3e\n",
                     static_cast<long long>(divergence.countRows()),
                     divergence.getKl(), 100 * divergence.getAgreement(),
                     divergence.getMaxError(), divergence.getRelativeError());
}

//===----------------------------------------------------------------------===//
// JSON
//===----------------------------------------------------------------------===//

static json::Value toJson(const Rate &rate) {
  return json::Object{{"median", rate.median},
                      {"lowest", rate.lowest},
                      {"highest", rate.highest}};
}

json::Value toJson(const BenchResult &result, const BenchOptions &options) {
  return json::Object{{"batch", options.batch},
                      {"tokens", options.tokens},
                      {"new_tokens", options.newTokens},
                      {"rounds", options.rounds},
                      {"prefill", toJson(result.prefill)},
                      {"decode", toJson(result.decode)},
                      {"cache_bytes", result.cacheBytes}};
}

json::Value toJson(const Divergence &divergence) {
  return json::Object{{"tokens", divergence.countRows()},
                      {"kl", divergence.getKl()},
                      {"top1", divergence.getAgreement()},
                      {"max_error", divergence.getMaxError()},
                      {"relative_error", divergence.getRelativeError()}};
}

static json::Value toJson(const HalfScore &half, bool compared) {
  json::Object object{{"tokens", half.tokens},
                      {"bytes", half.bytes},
                      {"bits_per_byte", half.getBitsPerByte()}};
  if (compared)
    object["compare"] = toJson(half.divergence);
  return object;
}

json::Value toJson(const EvalScore &score, const EvalOptions &options,
                   bool compared) {
  return json::Object{{"window", options.window},
                      {"windows", score.windows},
                      {"prefill", toJson(score.prefill, compared)},
                      {"decode", toJson(score.decode, compared)}};
}

json::Value toJson(llvm::ArrayRef<Continuation> continuations) {
  json::Array array;
  for (const Continuation &one : continuations)
    array.push_back(
        json::Object{{"ids", json::Array(one.ids)}, {"stopped", one.stopped}});
  return array;
}

} // namespace heed
