//===- Options.cpp - What heed-run is asked to do -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Options.h"

#include "heed/Support/Error.h"
#include "tools/heed-run/Ids.h"

#include "llvm/ADT/ScopeExit.h"
#include "llvm/Support/CommandLine.h"

#include <cmath>

using namespace llvm;

namespace heed {
namespace {

/// Every flag, as LLVM parses it.
struct Flags {
  cl::OptionCategory category{"heed-run options"};
  cl::opt<std::string> model{cl::Positional, cl::Required, cl::cat(category),
                             cl::desc("<package or module>")};
  cl::opt<std::string> device{
      "device", cl::init("auto"), cl::cat(category),
      cl::desc("auto: what a package is for, for a module a GPU if there is "
               "one; cpu, cuda, cuda:N, or reference: modules only, "
               "uncompiled")};
  cl::opt<int> threads{"threads", cl::init(0), cl::cat(category),
                       cl::desc("Threads; 0: one per processor")};
  cl::opt<std::string> tokenizer{
      "tokenizer", cl::cat(category), cl::value_desc("file"),
      cl::desc("A tokenizer.json, or \"bytes\", in place of the model's own")};

  cl::list<std::string> prompts{
      "prompt", cl::cat(category), cl::value_desc("text"),
      cl::desc("Text to continue; several make a batch")};
  cl::list<std::string> promptIds{
      "prompt-ids", cl::cat(category), cl::value_desc("ids"),
      cl::desc("The same as ids, \"1,15,22\"; then ids are printed, one line "
               "per sequence, last of all")};
  cl::opt<int64_t> maxNewTokens{"max-new-tokens", cl::init(64),
                                cl::cat(category),
                                cl::desc("Most tokens to generate")};
  cl::opt<double> temperature{
      "temperature", cl::init(0), cl::cat(category),
      cl::desc("Divides the logits; 0: always the likeliest token")};
  cl::opt<double> topP{
      "top-p", cl::init(1), cl::cat(category),
      cl::desc("Sample from the likeliest tokens that have so much together")};
  cl::opt<uint64_t> seed{"seed", cl::init(0), cl::cat(category),
                         cl::desc("Of the sampling; the same seed, the same "
                                  "text")};
  cl::opt<bool> ignoreStopIds{"ignore-stop-ids", cl::cat(category),
                              cl::desc("Go on behind the end of a text")};
  cl::opt<std::string> saveLogits{
      "save-logits", cl::cat(category), cl::value_desc("F.npy"),
      cl::desc("Write the logits behind every token: sequences x tokens x "
               "vocabulary, f32, NaN behind the end of a shorter sequence")};

  cl::opt<std::string> evalText{
      "eval", cl::cat(category), cl::value_desc("file"),
      cl::desc("Score a text: bits per byte, by prefill and by decode")};
  cl::opt<int64_t> window{
      "eval-window", cl::init(0), cl::cat(category),
      cl::desc("Tokens of a window; 0: 1024, or the context if that is less")};
  cl::opt<int64_t> windows{"eval-windows", cl::init(0), cl::cat(category),
                           cl::desc("Windows, spread over the text; 0: all")};
  cl::opt<int64_t> evalBatch{"eval-batch", cl::init(8), cl::cat(category),
                             cl::desc("Windows that run side by side")};
  cl::opt<std::string> compare{
      "compare", cl::cat(category), cl::value_desc("model"),
      cl::desc("Compare with the logits of another model, on the text of "
               "--eval or on what the prompts become: KL, top-1, logit error")};

  cl::opt<bool> bench{"bench", cl::cat(category),
                      cl::desc("Measure tokens per second")};
  cl::opt<int64_t> benchBatch{"bench-batch", cl::init(1), cl::cat(category),
                              cl::desc("Sequences of the benchmark")};
  cl::opt<int64_t> benchTokens{"bench-tokens", cl::init(512), cl::cat(category),
                               cl::desc("Prompt tokens of each")};
  cl::opt<int64_t> benchNewTokens{"bench-new-tokens", cl::init(64),
                                  cl::cat(category),
                                  cl::desc("Decoded tokens of each")};
  cl::opt<int64_t> benchRounds{"bench-rounds", cl::init(5), cl::cat(category),
                               cl::desc("Rounds; their median is shown")};

  cl::opt<std::string> json{"json", cl::cat(category), cl::value_desc("file"),
                            cl::desc("Write all results as JSON, too")};

  void copyTo(Options &options) const;
};

} // namespace

void Flags::copyTo(Options &options) const {
  options.model = model;
  options.device = device;
  options.threads = threads;
  options.tokenizer = tokenizer;
  options.prompts.assign(prompts.begin(), prompts.end());
  options.generate.maxNewTokens = maxNewTokens;
  options.generate.sampler = {temperature, topP, seed};
  options.ignoreStopIds = ignoreStopIds;
  options.saveLogits = saveLogits;
  options.evalText = evalText;
  options.eval = {window, windows, evalBatch};
  options.compare = compare;
  options.wantsBench = bench;
  options.bench = {benchBatch, benchTokens, benchNewTokens, benchRounds};
  options.json = json;
}

/// Refuses values and combinations that mean nothing.
static Error check(const Options &options) {
  bool hasPrompts = !options.prompts.empty() || !options.promptIds.empty();
  const SamplerOptions &sampler = options.generate.sampler;
  auto isCount = [](int64_t value) { return value >= 0; };
  if (!options.prompts.empty() && !options.promptIds.empty())
    return makeError("found --prompt and --prompt-ids, wanted one of them");
  if (!hasPrompts && options.evalText.empty() && !options.wantsBench)
    return makeError("found nothing to do, wanted --prompt, --prompt-ids, "
                     "--eval or --bench");
  if (!hasPrompts && !options.saveLogits.empty())
    return makeError("found --save-logits without a prompt, wanted --prompt or "
                     "--prompt-ids");
  if (!hasPrompts && options.evalText.empty() && !options.compare.empty())
    return makeError("found --compare without a text, wanted --prompt, "
                     "--prompt-ids or --eval");
  if (!isCount(options.generate.maxNewTokens) || !isCount(options.threads) ||
      !isCount(options.eval.windows) || !isCount(options.eval.window) ||
      options.eval.batch < 1)
    return makeError("found a negative count or an empty batch, wanted 0 or "
                     "more tokens, threads and windows, and --eval-batch of at "
                     "least 1");
  if (!std::isfinite(sampler.temperature) || sampler.temperature < 0)
    return makeError(
        "found --temperature=" + std::to_string(sampler.temperature) +
        ", wanted a finite number of at least 0");
  if (!(sampler.topP > 0 && sampler.topP <= 1))
    return makeError("found --top-p=" + std::to_string(sampler.topP) +
                     ", wanted more than 0 and at most 1");
  return Error::success();
}

Expected<Options> parseOptions(int argc, char **argv) {
  Options options;
  // LLVM has options of its own, some of the same names. None of them is known
  // here, and none of ours behind this function.
  cl::ResetCommandLineParser();
  Flags flags;
  scope_exit forget([] { cl::ResetCommandLineParser(); });
  cl::ParseCommandLineOptions(
      argc, argv,
      "Runs a package (heed-compile) or a module (heed-import, heed-opt):\n"
      "continues prompts, scores a text, compares two models, measures\n");
  flags.copyTo(options);
  for (const std::string &text : flags.promptIds) {
    Expected<TokenIds> ids = parseIds(text, "--prompt-ids");
    if (!ids)
      return ids.takeError();
    options.promptIds.push_back(std::move(*ids));
  }
  if (Error error = check(options))
    return std::move(error);
  return options;
}

} // namespace heed
