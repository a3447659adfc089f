//===- GenerateTest.cpp - Texts that go on --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Generate.h"
#include "test/unit/tools/heed-run/ToySession.h"

#include "gtest/gtest.h"

#include <numeric>

using namespace heed;

namespace {

constexpr int64_t kVocabulary = 101;

/// Continues one prompt by the toy's rule, token by token.
TokenIds continueAlone(TokenIds ids, int64_t count) {
  TokenIds result;
  for (int64_t i = 0; i < count; ++i) {
    int64_t sum = std::accumulate(ids.begin(), ids.end(), int64_t(0));
    ids.push_back(int32_t(sum % kVocabulary));
    result.push_back(ids.back());
  }
  return result;
}

std::vector<Continuation> run(Session &session, std::vector<TokenIds> prompts,
                              GenerateOptions options) {
  auto results = generate(session, prompts, options, {}, {});
  if (results)
    return *results;
  ADD_FAILURE() << llvm::toString(results.takeError());
  return {};
}

TEST(GenerateTest, EachSequenceOfABatchGoesOnAsItWouldAlone) {
  ToySession session(kVocabulary, 64);
  std::vector<TokenIds> prompts = {{5, 9}, {7}, {1, 2, 3, 4, 5, 6, 7}};
  GenerateOptions options;
  options.maxNewTokens = 20;
  std::vector<Continuation> results = run(session, prompts, options);
  ASSERT_EQ(results.size(), 3u);
  for (size_t i = 0; i < prompts.size(); ++i) {
    EXPECT_EQ(results[i].ids, continueAlone(prompts[i], 20)) << i;
    EXPECT_FALSE(results[i].stopped);
  }
}

TEST(GenerateTest, StopIdsEndOneSequenceAndNotTheOthers) {
  ToySession session(kVocabulary, 64);
  TokenIds path = continueAlone({5, 9}, 20);
  GenerateOptions options;
  options.maxNewTokens = 20;
  options.stopIds = {path[4]};
  std::vector<Continuation> results = run(session, {{5, 9}, {50}}, options);
  EXPECT_TRUE(results[0].stopped);
  EXPECT_EQ(results[0].ids, TokenIds(path.begin(), path.begin() + 4));
  EXPECT_EQ(results[1].ids, continueAlone({50}, 20));
}

TEST(GenerateTest, TheContextEndsASequence) {
  ToySession session(kVocabulary, 10);
  GenerateOptions options;
  options.maxNewTokens = 20;
  std::vector<Continuation> results = run(session, {{1, 2, 3}, {4}}, options);
  // The last of them is chosen from the logits of the last position.
  EXPECT_EQ(results[0].ids, continueAlone({1, 2, 3}, 8));
  EXPECT_EQ(results[1].ids, continueAlone({4}, 10));
  EXPECT_FALSE(results[0].stopped);
}

TEST(GenerateTest, TheLastTokenIsRunOnlyIfItsLogitsAreWanted) {
  ToySession session(kVocabulary, 64);
  GenerateOptions options;
  options.maxNewTokens = 4;
  run(session, {{1}}, options);
  EXPECT_EQ(session.decoded, 3);
  std::vector<int64_t> seen;
  auto results =
      generate(session, {{1}}, options, {},
               [&](int64_t, int64_t token, llvm::ArrayRef<float> logits) {
                 seen.push_back(token);
                 EXPECT_EQ(int64_t(logits.size()), kVocabulary);
               });
  ASSERT_TRUE(bool(results));
  EXPECT_EQ(seen, (std::vector<int64_t>{0, 1, 2, 3, 4}));
}

TEST(GenerateTest, LongPromptsEnterInChunksAndEveryRowIsSeenOnce) {
  const int64_t vocabulary = 4096, tokens = 5000;
  ToySession session(vocabulary, 0);
  std::vector<TokenIds> sequences(2);
  for (int64_t i = 0; i < tokens; ++i)
    sequences[0].push_back(int32_t(i % 7));
  sequences[1].assign(sequences[0].begin(), sequences[0].begin() + 3000);
  std::vector<int64_t> sums(2), next(2);
  llvm::Error error =
      force(session, sequences, {tokens - 2, 2999},
            [&](int64_t sequence, int64_t token, llvm::ArrayRef<float> logits) {
              EXPECT_EQ(token, next[sequence]++);
              sums[sequence] += sequences[sequence][token];
              if (token % 500 == 0)
                EXPECT_EQ(logits[sums[sequence] % vocabulary], 0) << token;
            });
  ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
  EXPECT_EQ(next, (std::vector<int64_t>{tokens, 3000}));
  EXPECT_EQ(session.decoded, 3);
}

TEST(GenerateTest, RefusesWhatNoStepCouldRun) {
  ToySession session(kVocabulary, 4);
  auto refuse = [&](std::vector<TokenIds> prompts, llvm::StringRef text) {
    auto results = generate(session, prompts, {}, {}, {});
    ASSERT_FALSE(bool(results));
    EXPECT_EQ(llvm::toString(results.takeError()), text);
  };
  refuse({{1}, {}}, "prompt 1: found no token, wanted at least one");
  refuse({{1, 2, 3, 4, 5}}, "prompt 0: found 5 tokens, wanted at most 4, the "
                            "model's context");
  refuse({{1, 101}}, "prompt 0: found id 101, wanted 0 to 100");
  refuse({{-1}}, "prompt 0: found id -1, wanted 0 to 100");
}

} // namespace
