//===- RewrittenSchedulesTest.cpp - Schedules of rewritten models ---------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// SchedulesTest for every rewrite with a real setting. Whatever way tokens take
// into a rewritten model, the logits are those that its `phases` declare:
//
//   Same    those of one call over all tokens
//   Differ  those of one call over the tokens that enter by prefill, and decode
//           of the others; and these are not those of one call over all
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/OpenModel.h"

#include "passes/rewrites/Registry.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

struct Case {
  Device device;
  const RewriteInfo *info;
};

std::vector<Case> listCases() {
  std::vector<Case> cases;
  for (const auto &rewrite : createRewrites())
    for (Device device : kDevices)
      cases.push_back({device, &rewrite->getInfo()});
  return cases;
}

class RewrittenSchedules : public testing::TestWithParam<Case> {
protected:
  void SetUp() override {
    ASSERT_NE(info.phases, Phases::SameGivenBits)
        << "nothing records routing bits yet";
    ASSERT_FALSE(listChangedLayers(*model.module, info.name).empty())
        << "not a real setting for this model: " << pipeline;
  }

  /// Returns what the reference computes when the first `prefilled` tokens
  /// enter in one call.
  std::vector<double> compute(int64_t prefilled) {
    return runAll(shareModel(Device::Reference, Fixture::None, pipeline),
                  {"", prefilled, prefilled});
  }

  /// Returns the logits that tokens must have of which `prefilled` enter by
  /// prefill.
  std::vector<double> wanted(int64_t prefilled) {
    return compute(info.phases == Phases::Same ? kTokens : prefilled);
  }

  void expectWanted(llvm::ArrayRef<double> found, int64_t prefilled,
                    const std::string &what) {
    expectNear(Fixture::None, found, wanted(prefilled),
               nameOf(GetParam().device).str() + " " + info.name.str() + ", " +
                   what);
  }

  const RewriteInfo &info = *GetParam().info;
  const std::string pipeline = spellRealSetting(info);
  OpenModel &model = shareModel(GetParam().device, Fixture::None, pipeline);
};

TEST_P(RewrittenSchedules, LogitsAreThoseThatThePhasesDeclare) {
  for (const Schedule &schedule : listSchedules(kTokens))
    expectWanted(runAll(model, schedule), schedule.prefilled, schedule.name);
}

TEST_P(RewrittenSchedules, PhasesDifferJustWhereTheySaySo) {
  Distance apart = measure(compute(40), compute(kTokens));
  EXPECT_EQ(apart.relative > 0.01, info.phases == Phases::Differ)
      << "prefill of 40 tokens and decode are " << apart.relative
      << " from one call";
}

TEST_P(RewrittenSchedules, SequencesOfABatchAreAsAlone) {
  llvm::ArrayRef<int32_t> ids = listIds();
  const BatchEntry entries[] = {
      {ids.take_front(60), 40, 2}, {ids, 25, 0}, {ids.take_front(33), 33, 3}};
  auto logits = runBatch(*model.session, entries);
  ASSERT_TRUE(bool(logits)) << llvm::toString(logits.takeError());
  for (size_t i = 0; i < logits->size(); ++i)
    expectWanted((*logits)[i], entries[i].prompt,
                 "batch of 3, sequence " + std::to_string(i));
}

TEST_P(RewrittenSchedules, BitsDependOnNothingButTheSteps) {
  const Schedule schedule = {"", 40, 17};
  const std::vector<double> first = runAll(model, schedule);
  EXPECT_EQ(llvm::cantFail(runSequence(*model.session, listIds(), schedule, 3)),
            first)
      << "in another slot";
  EXPECT_EQ(runAll(model, schedule), first) << "again";
  if (GetParam().device == Device::Reference)
    return;
  auto threads = llvm::cantFail(OpenModel::open(
      Device::Cpu, Fixture::None, pipeline, kTokens, /*threads=*/2));
  EXPECT_EQ(runAll(*threads, schedule), first) << "with 2 threads";
}

TEST_P(RewrittenSchedules, CopiedSlotsGoOnAsTheOriginal) {
  llvm::ArrayRef<int32_t> ids = listIds();
  const int64_t kept = 30;
  llvm::cantFail(
      runSequence(*model.session, ids.take_front(kept), {"", kept, 11}));
  llvm::cantFail(model.session->fork(0, 2));
  const Schedule rest = {"", 10, 4};
  std::vector<double> original = llvm::cantFail(
      runSequence(*model.session, ids.drop_front(kept), rest, 0));
  EXPECT_EQ(llvm::cantFail(
                runSequence(*model.session, ids.drop_front(kept), rest, 2)),
            original);
  std::vector<double> exact = wanted(kept + rest.prefilled);
  expectNear(Fixture::None, original,
             llvm::ArrayRef(exact).drop_front(kept * kFixtureVocabulary),
             nameOf(GetParam().device).str() + " " + info.name.str() +
                 ", behind a copy");
}

INSTANTIATE_TEST_SUITE_P(All, RewrittenSchedules,
                         testing::ValuesIn(listCases()), [](const auto &info) {
                           return nameCase(info.param.device,
                                           info.param.info->name);
                         });

} // namespace
