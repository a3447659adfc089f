//===- Generate.cpp - Texts that go on ------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Generate.h"

#include "heed/Support/Error.h"

#include <algorithm>

namespace heed {

/// Refuses what no step could run.
static llvm::Error checkPrompts(const ModelFacts &facts,
                                llvm::ArrayRef<TokenIds> prompts) {
  for (auto [i, prompt] : llvm::enumerate(prompts)) {
    if (prompt.empty())
      return makeError("prompt " + llvm::Twine(i) +
                       ": found no token, wanted at least one");
    if (facts.context && int64_t(prompt.size()) > facts.context)
      return makeError("prompt " + llvm::Twine(i) + ": found " +
                       llvm::Twine(prompt.size()) + " tokens, wanted at most " +
                       llvm::Twine(facts.context) + ", the model's context");
    for (int32_t id : prompt)
      if (id < 0 || id >= facts.vocabulary)
        return makeError("prompt " + llvm::Twine(i) + ": found id " +
                         llvm::Twine(id) + ", wanted 0 to " +
                         llvm::Twine(facts.vocabulary - 1));
  }
  return llvm::Error::success();
}

/// Makes a cache for `prompts` and `more` tokens each.
static llvm::Error makeCache(Session &session, llvm::ArrayRef<TokenIds> prompts,
                             int64_t more) {
  size_t longest = 0;
  for (const TokenIds &prompt : prompts)
    longest = std::max(longest, prompt.size());
  int64_t capacity = int64_t(longest) + more;
  if (int64_t context = session.getFacts().context)
    capacity = std::min(capacity, context);
  return session.makeCache(int64_t(prompts.size()), capacity);
}

llvm::Expected<std::vector<Continuation>>
generate(Session &session, llvm::ArrayRef<TokenIds> prompts,
         const GenerateOptions &options, const TokenSink &sink,
         decltype(BatchHooks::see) see) {
  const ModelFacts &facts = session.getFacts();
  if (llvm::Error error = checkPrompts(facts, prompts))
    return std::move(error);
  if (llvm::Error error = makeCache(session, prompts, options.maxNewTokens))
    return std::move(error);

  std::vector<Continuation> results(prompts.size());
  std::vector<Sampler> samplers;
  for (size_t i = 0; i < prompts.size(); ++i)
    samplers.emplace_back(options.sampler, i);

  BatchHooks hooks;
  hooks.see = std::move(see);
  hooks.next = [&](int64_t sequence, llvm::ArrayRef<float> logits)
      -> llvm::Expected<std::optional<int32_t>> {
    Continuation &result = results[sequence];
    if (int64_t(result.ids.size()) >= options.maxNewTokens)
      return std::nullopt;
    llvm::Expected<int32_t> id = samplers[sequence].choose(logits);
    if (!id)
      return makeError("sequence " + llvm::Twine(sequence) + ": " +
                       llvm::toString(id.takeError()));
    if (llvm::is_contained(options.stopIds, *id)) {
      result.stopped = true;
      return std::nullopt;
    }
    result.ids.push_back(*id);
    if (sink)
      sink(sequence, *id);
    // Logits behind the last token are nobody's, unless they shall be seen.
    int64_t tokens = int64_t(prompts[sequence].size() + result.ids.size());
    bool isLast = int64_t(result.ids.size()) == options.maxNewTokens;
    if ((isLast && !hooks.see) || (facts.context && tokens > facts.context))
      return std::nullopt;
    return *id;
  };
  if (llvm::Error error = runBatch(session, prompts, hooks))
    return std::move(error);
  return results;
}

llvm::Error force(Session &session, llvm::ArrayRef<TokenIds> sequences,
                  llvm::ArrayRef<int64_t> prompts,
                  decltype(BatchHooks::see) see) {
  if (llvm::Error error = checkPrompts(session.getFacts(), sequences))
    return error;
  if (llvm::Error error = makeCache(session, sequences, /*more=*/0))
    return error;
  std::vector<TokenIds> starts;
  for (auto [ids, prompt] : llvm::zip_equal(sequences, prompts))
    starts.emplace_back(ids.begin(), ids.begin() + prompt);
  std::vector<size_t> taken(prompts.begin(), prompts.end());
  BatchHooks hooks;
  hooks.see = std::move(see);
  hooks.next =
      [&](int64_t sequence,
          llvm::ArrayRef<float>) -> llvm::Expected<std::optional<int32_t>> {
    if (taken[sequence] == sequences[sequence].size())
      return std::nullopt;
    return sequences[sequence][taken[sequence]++];
  };
  return runBatch(session, starts, hooks);
}

} // namespace heed
