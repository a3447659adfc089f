//===- SchedulesTest.cpp - The same logits however tokens enter -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Whatever way the tokens of a golden path take (one call, chunks, decode, in a
// batch with padding, after a trim, in a copied slot), each logit must be as
// near to the exact one as the original's, in the measure of GoldenTest. Bits
// must be the same for repeated runs and for any number of threads.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Schedules.h"
#include "test/unit/models/Golden.h"

#include "passes/import/checkpoint/Importer.h"

#include "gtest/gtest.h"

#include <cstdio>
#include <map>

namespace {

using namespace heed;

constexpr int64_t kSlots = 4;

/// A golden checkpoint, open on a device.
struct OpenGolden {
  mlir::MLIRContext context;
  Golden golden;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  std::unique_ptr<Session> session;

  static std::unique_ptr<OpenGolden> open(Device device, llvm::StringRef name,
                                          int32_t threads = 1) {
    auto open = std::make_unique<OpenGolden>();
    open->golden = llvm::cantFail(readGolden(name));
    ImportOptions options;
    options.base = open->golden.folder;
    open->module = llvm::cantFail(
        importCheckpoint(open->context, open->golden.folder, options));
    auto session =
        openSession(device, *open->module, open->golden.folder, kSlots,
                    int64_t(open->golden.ids.size()), threads);
    if (session)
      open->session = std::move(*session);
    else
      ADD_FAILURE() << llvm::toString(session.takeError());
    return open;
  }

  llvm::ArrayRef<int32_t> ids(int64_t count) const {
    return llvm::ArrayRef(golden.ids).take_front(count);
  }
  llvm::ArrayRef<int32_t> ids() const { return ids(golden.steps()); }
};

/// Compares logits of tokens from number `first` on with the exact ones.
void expectNear(const OpenGolden &open, llvm::ArrayRef<double> found,
                llvm::StringRef what, int64_t first = 0) {
  auto part = [&](const std::vector<double> &all) {
    size_t v = all.size() / open.golden.steps();
    return llvm::ArrayRef(all).slice(first * v, found.size());
  };
  Distance ours = measure(found, part(open.golden.exact));
  Distance original =
      measure(part(open.golden.original), part(open.golden.exact));
  std::printf("%-16s %-28s | max %8.2e, %4.2f x the original's | L2 %8.2e, "
              "%4.2f x\n",
              open.golden.name.c_str(), what.str().c_str(), ours.maximum,
              ours.maximum / original.maximum, ours.relative,
              ours.relative / original.relative);
  EXPECT_LE(ours.maximum, 2 * original.maximum) << what.str();
  EXPECT_LE(ours.relative, 2 * original.relative) << what.str();
  if (open.golden.isHalf)
    return;
  int64_t v = int64_t(open.golden.exact.size()) / open.golden.steps();
  for (size_t at = 0; at < found.size(); at += v)
    EXPECT_EQ(chooseGreedily(found.slice(at, v)),
              chooseGreedily(part(open.golden.exact).slice(at, v)))
        << what.str() << ", token " << at / v;
}

std::vector<double> check(llvm::Expected<std::vector<double>> logits) {
  if (logits)
    return std::move(*logits);
  ADD_FAILURE() << llvm::toString(logits.takeError());
  return {};
}

using Case = std::tuple<Device, const char *>;

/// Compiles a model once for all tests of it.
OpenGolden &share(const Case &which) {
  static std::map<Case, std::unique_ptr<OpenGolden>> all;
  std::unique_ptr<OpenGolden> &open = all[which];
  if (!open)
    open = OpenGolden::open(std::get<0>(which), std::get<1>(which));
  return *open;
}

class Schedules : public testing::TestWithParam<Case> {
protected:
  void SetUp() override {
    ASSERT_TRUE(model.session);
    llvm::cantFail(model.session->reset());
  }

  std::vector<double> run(llvm::ArrayRef<int32_t> ids, const Schedule &schedule,
                          int32_t slot = 0) {
    return check(runSequence(*model.session, ids, schedule, slot));
  }

  OpenGolden &model = share(GetParam());
};

TEST_P(Schedules, LogitsAreNearWhicheverWayTokensEnter) {
  for (const Schedule &schedule : listSchedules(model.golden.steps())) {
    llvm::cantFail(model.session->reset());
    expectNear(model, run(model.ids(), schedule), schedule.name);
  }
}

TEST_P(Schedules, SequencesOfABatchAreNearWhateverTheOthersDo) {
  const BatchEntry entries[] = {
      {model.ids(70), 40, 2}, {model.ids(), 25, 0}, {model.ids(33), 33, 3}};
  auto logits = runBatch(*model.session, entries);
  ASSERT_TRUE(bool(logits)) << llvm::toString(logits.takeError());
  for (size_t i = 0; i < logits->size(); ++i)
    expectNear(model, (*logits)[i],
               "batch of 3, sequence " + std::to_string(i));
}

TEST_P(Schedules, SlotsGoOnWhereTheyWereTrimmedOrCopied) {
  const int64_t kept = 20, wrong = 3;
  run(model.ids(kept), {"", kept, kept});
  run(model.ids(wrong), {"", wrong, wrong}); // not how the path goes on
  llvm::cantFail(model.session->trim(0, kept));
  llvm::cantFail(model.session->fork(0, 2));
  llvm::ArrayRef<int32_t> rest = model.ids().drop_front(kept);
  std::vector<double> trimmed = run(rest, {"", 30, 11});
  expectNear(model, trimmed, "after a trim", kept);
  EXPECT_EQ(run(rest, {"", 30, 11}, 2), trimmed) << "in a copy";
}

TEST_P(Schedules, StepsOfWhichNoLogitsAreWantedCountAllTheSame) {
  const int64_t silent = 33;
  for (auto phase : {&Session::prefill, &Session::decode}) {
    llvm::cantFail(model.session->reset());
    bool isPrefill = phase == &Session::prefill;
    heed_step step = {};
    step.batch = 1;
    step.tokens = isPrefill ? silent : 1;
    step.ids = model.golden.ids.data();
    for (int64_t done = 0; done < silent; done += step.tokens) {
      ASSERT_FALSE(bool((*model.session.*phase)(step)));
      step.ids += step.tokens;
    }
    llvm::ArrayRef<int32_t> rest = model.ids().drop_front(silent);
    expectNear(model, run(rest, {"", 0, 1}),
               isPrefill ? "after a silent prefill" : "after silent decode",
               silent);
  }
}

TEST_P(Schedules, BitsDependOnNothingButTheSteps) {
  const Schedule schedule = {"", 40, 17};
  std::vector<double> first = run(model.ids(), schedule);
  EXPECT_EQ(run(model.ids(), schedule, 3), first) << "in another slot";
  llvm::cantFail(model.session->reset());
  EXPECT_EQ(run(model.ids(), schedule), first) << "again";
  if (std::get<0>(GetParam()) != Device::Cpu)
    return;
  auto threads = OpenGolden::open(Device::Cpu, std::get<1>(GetParam()), 2);
  ASSERT_TRUE(threads->session);
  EXPECT_EQ(check(runSequence(*threads->session, model.ids(), schedule)), first)
      << "with 2 threads";
}

std::string spell(const testing::TestParamInfo<Case> &info) {
  std::string name =
      nameOf(std::get<0>(info.param)).str() + "_" + std::get<1>(info.param);
  std::replace(name.begin(), name.end(), '-', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Models, Schedules,
                         testing::Combine(testing::ValuesIn(kDevices),
                                          testing::Values("llama-plain",
                                                          "mistral-window",
                                                          "qwen3-bf16")),
                         spell);
// One model, because there is one emulated driver; its rings wrap around.
INSTANTIATE_TEST_SUITE_P(Emulated, Schedules,
                         testing::Values(Case(Device::Emulated,
                                              "mistral-window-bf16")),
                         spell);

} // namespace
