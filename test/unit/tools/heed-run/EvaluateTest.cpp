//===- EvaluateTest.cpp - Bits per byte of a text -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Evaluate.h"
#include "test/unit/tools/heed-run/ToySession.h"

#include "gtest/gtest.h"

#include <cmath>

using namespace heed;

namespace {

constexpr int64_t kVocabulary = 11;

EvalText makeText(int64_t tokens) {
  EvalText text;
  for (int64_t i = 0; i < tokens; ++i) {
    text.ids.push_back(int32_t((i * i + 3 * i) % kVocabulary));
    text.bytes.push_back(1 + int32_t(i % 3));
  }
  return text;
}

/// -log2 of the toy's probability of `id` behind tokens of this sum.
double toyBits(int64_t sum, int64_t id, float slope) {
  double total = 0;
  for (int64_t other = 0; other < kVocabulary; ++other)
    total += std::exp(toyLogit(sum, other, kVocabulary, slope));
  return std::log2(total) -
         toyLogit(sum, id, kVocabulary, slope) / std::log(2.0);
}

/// Scores tokens `begin` to `end` of windows that start at `starts`, each read
/// behind `sum`.
double scoreNaively(const EvalText &text, const std::vector<int64_t> &starts,
                    int64_t begin, int64_t end, int64_t startSum) {
  double bits = 0;
  for (int64_t start : starts) {
    int64_t sum = startSum;
    for (int64_t i = 0; i < end; ++i) {
      if (i >= begin)
        bits += toyBits(sum, text.ids[start + i], 1);
      sum += text.ids[start + i];
    }
  }
  return bits;
}

EvalScore run(Session &model, Session *baseline, const EvalText &text,
              EvalOptions options) {
  llvm::Expected<EvalScore> score = evaluate(model, baseline, text, options);
  if (score)
    return *score;
  ADD_FAILURE() << llvm::toString(score.takeError());
  return {};
}

TEST(EvaluateTest, HalvesAreScoresOfTheTwoPhases) {
  ToySession model(kVocabulary, 16);
  model.change().startId = 4;
  EvalText text = makeText(41);
  EvalScore score = run(model, nullptr, text, {8, 0, 3});
  std::vector<int64_t> starts = {0, 8, 16, 24, 32};
  EXPECT_EQ(score.windows, 5);
  EXPECT_EQ(score.prefill.tokens, 20);
  EXPECT_NEAR(score.prefill.bits, scoreNaively(text, starts, 0, 4, 4), 1e-5);
  EXPECT_NEAR(score.decode.bits, scoreNaively(text, starts, 4, 8, 4), 1e-5);
  EXPECT_EQ(model.prefilled, 20);
  EXPECT_EQ(model.decoded, 20);
  int64_t bytes = 0;
  for (int64_t start : starts)
    for (int64_t i = 4; i < 8; ++i)
      bytes += text.bytes[start + i];
  EXPECT_EQ(score.decode.bytes, bytes);
  EXPECT_NEAR(score.decode.getBitsPerByte(), score.decode.bits / bytes, 1e-12);
}

TEST(EvaluateTest, WithoutAStartIdTheFirstTokenIsRead) {
  ToySession model(kVocabulary, 16);
  EvalText text = makeText(17);
  EvalScore score = run(model, nullptr, text, {8, 0, 3});
  EXPECT_EQ(score.windows, 2);
  double bits = 0;
  for (int64_t start : {0, 8})
    bits += scoreNaively(text, {start + 1}, 0, 4, text.ids[start]);
  EXPECT_NEAR(score.prefill.bits, bits, 1e-5);
}

TEST(EvaluateTest, SomeWindowsAreSpreadOverTheText) {
  ToySession model(kVocabulary, 16);
  model.change().startId = 0;
  EvalText text = makeText(80);
  EvalScore score = run(model, nullptr, text, {8, 3, 8});
  EXPECT_EQ(score.windows, 3);
  EXPECT_NEAR(score.decode.bits, scoreNaively(text, {0, 24, 48}, 4, 8, 0),
              1e-5);
}

TEST(EvaluateTest, ComparesWithABaselineRowByRow) {
  ToySession model(kVocabulary, 16, /*slope=*/1), same(kVocabulary, 16, 1),
      flatter(kVocabulary, 16, 0.25f);
  EvalText text = makeText(33);
  EvalScore equal = run(model, &same, text, {8, 0, 3});
  EXPECT_EQ(equal.decode.divergence.countRows(), 16);
  EXPECT_EQ(equal.decode.divergence.getKl(), 0);
  EXPECT_EQ(equal.decode.divergence.getMaxError(), 0);
  EvalScore other = run(model, &flatter, text, {8, 0, 3});
  // Every row is a rotation of one and the same.
  double p = 0, q = 0, kl = 0;
  for (int i = 0; i < kVocabulary; ++i) {
    p += std::exp(-0.25 * i);
    q += std::exp(-1.0 * i);
  }
  for (int i = 0; i < kVocabulary; ++i)
    kl += std::exp(-0.25 * i) / p *
          (-0.25 * i - std::log(p) + 1.0 * i + std::log(q));
  EXPECT_NEAR(other.prefill.divergence.getKl(), kl, 1e-6);
  EXPECT_EQ(other.decode.divergence.getAgreement(), 1);
}

TEST(EvaluateTest, RefusesWhatCannotBeScored) {
  ToySession model(kVocabulary, 16), other(kVocabulary + 1, 16);
  auto refuse = [&](Session *baseline, EvalOptions options,
                    llvm::StringRef wanted) {
    auto score = evaluate(model, baseline, makeText(12), options);
    ASSERT_FALSE(bool(score));
    EXPECT_EQ(llvm::toString(score.takeError()), wanted);
  };
  refuse(nullptr, {7, 0, 1},
         "found a window of 7 tokens, wanted an even number of at least 2 and "
         "at most 16");
  refuse(nullptr, {18, 0, 1},
         "found a window of 18 tokens, wanted an even number of at least 2 and "
         "at most 16");
  refuse(nullptr, {12, 0, 1},
         "found a text of 12 tokens, wanted at least 13, "
         "one window");
  refuse(&other, {8, 0, 1},
         "toy: found another vocabulary or start id, wanted "
         "those of toy");
}

} // namespace
