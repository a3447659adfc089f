//===- ReplayTest.cpp - Tests of runtime/Replay ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Replay.h"

#include "test/unit/runtime/TinyModel.h"
#include "test/unit/runtime/cuda/FakeDriver.h"

#include "runtime/Model.h"
#include "runtime/cache/Cache.h"

using namespace heed;
using namespace heed::test;

namespace {

using Names = std::vector<std::string>;

class ReplayTest : public FakeDriver {
protected:
  void SetUp() override {
    FakeDriver::SetUp();
    std::string bytes = forGpu(tinyBuilder()).build();
    Package package;
    ASSERT_FALSE(package.copy(bytes.data(), bytes.size(), "m.heed"));
    Status error =
        Model::open(std::move(package), "", "cuda", {1, library}, model);
    ASSERT_FALSE(error) << error.message();
    ASSERT_FALSE(Cache::create(*model, 4, 100, cache));
  }
  void TearDown() override {
    cache.reset();
    model.reset();
    FakeDriver::TearDown();
  }

  /// Steps `batch` sequences; returns what has been launched.
  Names step(Cache &cache, Phase phase, int64_t batch, int64_t tokens,
             int64_t rows = 1) {
    std::vector<int32_t> ids(batch * tokens, 3);
    std::vector<float> logits(batch * rows * V + 1);
    heed_step step = {batch,   tokens,  rows,    ids.data(),
                      nullptr, nullptr, nullptr, logits.data()};
    status = cache.step(phase, step);
    return takeLaunches();
  }
  Names decode(int64_t batch = 1) {
    return step(*cache, Phase::Decode, batch, 1);
  }

  const Names direct = {"embed",  "clear",       "attend", "heed_append",
                        "attend", "heed_append", "head"};
  const Names replayed = {"embed*",  "clear*",       "attend*", "heed_append*",
                          "attend*", "heed_append*", "head*"};

  std::unique_ptr<Model> model;
  std::unique_ptr<Cache> cache;
  Status status;
};

TEST_F(ReplayTest, FromTheFirstRepetitionOn) {
  EXPECT_EQ(decode(), direct);
  EXPECT_EQ(fake->executables, 0);
  for (int i = 0; i != 5; ++i)
    EXPECT_EQ(decode(), replayed);
  EXPECT_FALSE(status) << status.message();
  EXPECT_EQ(fake->executables, 1);
  EXPECT_EQ(fake->graphs, 0) << "only what was made of it is needed";
}

/// A replayed launch must be the one that would have been made.
TEST_F(ReplayTest, TheLaunchesAreTheSame) {
  decode();
  std::vector<FakeLaunch> first(fake->launches, fake->launches + 7);
  decode();
  decode();
  for (int i = 0; i != 7; ++i) {
    FakeLaunch found = fake->launches[i];
    EXPECT_EQ(found.replayed, 1);
    found.replayed = 0;
    EXPECT_EQ(std::memcmp(&found, &first[i], sizeof(found)), 0) << i;
  }
}

TEST_F(ReplayTest, OtherSizesRunDirectly) {
  decode();
  decode();
  EXPECT_EQ(decode(2), direct);
  EXPECT_EQ(fake->executables, 0) << "that of the old sizes has ended";
  EXPECT_EQ(decode(1), direct);
  EXPECT_EQ(decode(1), replayed);
}

TEST_F(ReplayTest, PrefillBetweenWhereTheMemoryStays) {
  step(*cache, Phase::Prefill, 1, 4);
  decode();
  decode();
  for (const std::string &name : step(*cache, Phase::Prefill, 1, 4))
    EXPECT_EQ(name.find('*'), std::string::npos) << name;
  EXPECT_EQ(decode(), replayed);
}

TEST_F(ReplayTest, MovedMemoryEndsTheRecording) {
  decode();
  decode();
  EXPECT_EQ(fake->executables, 1);
  step(*cache, Phase::Prefill, 2, 40); // Needs more memory.
  EXPECT_EQ(fake->executables, 0);
  EXPECT_EQ(decode(), direct);
  EXPECT_EQ(decode(), replayed);
}

/// What the model does not rely on, because it forgets in time.
TEST_F(ReplayTest, AnotherMemoryRunsDirectly) {
  const Program &program = *model->program(Phase::Decode);
  StepPlan plan;
  ASSERT_FALSE(program.plan({1, 1, 1}, plan));
  CacheBinding binding;
  binding.caches.resize(2);
  binding.fields.resize(4);
  Replay replay;
  auto run = [&](int64_t memory) {
    EXPECT_FALSE(
        replay.run(program, plan, {memory, &binding, {}}, model->device()));
    return takeLaunches();
  };
  EXPECT_EQ(run(4096), direct);
  EXPECT_EQ(run(4096), replayed);
  EXPECT_EQ(fake->executables, 1);
  EXPECT_EQ(run(8192), direct);
  EXPECT_EQ(fake->executables, 0);
  EXPECT_EQ(run(4096), direct) << "only the last step counts";
}

TEST_F(ReplayTest, AnotherCacheRunsDirectly) {
  std::unique_ptr<Cache> other;
  ASSERT_FALSE(Cache::create(*model, 4, 100, other));
  for (int i = 0; i != 3; ++i) {
    EXPECT_EQ(decode(), direct);
    EXPECT_EQ(step(*other, Phase::Decode, 1, 1), direct);
  }
  EXPECT_EQ(step(*other, Phase::Decode, 1, 1), replayed);
}

TEST_F(ReplayTest, TracedStepsRunDirectly) {
  decode();
  decode();
  int calls = 0;
  cache->setTrace(
      {[](void *user, const char *, int64_t) { ++*static_cast<int *>(user); },
       &calls});
  EXPECT_EQ(decode(), direct);
  EXPECT_EQ(calls, 7);
  cache->setTrace({});
  EXPECT_EQ(decode(), replayed);
}

TEST_F(ReplayTest, FailuresEndTheStep) {
  for (const char *function : {"cuStreamBeginCapture", "cuStreamEndCapture",
                               "cuGraphInstantiate", "cuGraphLaunch"}) {
    TearDown();
    SetUp();
    decode();
    std::string symbol = function;
    symbol += symbol == "cuStreamBeginCapture" ? "_v2"
              : symbol == "cuGraphInstantiate" ? "WithFlags"
                                               : "";
    fail(symbol.c_str(), 1, 7);
    EXPECT_EQ(decode(), Names()) << function;
    EXPECT_EQ(status.code(), HEED_DEVICE_FAILED);
    EXPECT_EQ(status.message(), "cuda:0: " + std::string(function) +
                                    ": the fake has failed (error 7)");
    int64_t tokens = 0;
    EXPECT_FALSE(cache->tokens(0, tokens));
    EXPECT_EQ(tokens, 1) << "the step that failed does not count";
  }
}

/// A device that keeps nothing runs every step.
TEST_F(ReplayTest, TheCpuSimplyRuns) {
  TinySession session(tinyBuilder().build(), 1, 16);
  std::vector<int32_t> ids = someIds(8);
  for (int64_t n = 0; n != 8; ++n)
    EXPECT_EQ(session.decode(ids[n]), expectLogits(ids, n, {}));
}

} // namespace
