//===- SlidingWindowTest.cpp - What a window lets a query see -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// In a model of one layer the logits behind a token depend only on the tokens
// that it sees. So those of the rewritten model must be those of a dense model
// that is given just these tokens, at their own positions.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/OpenModel.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

constexpr int32_t kWindow = 9, kSinks = 3;
constexpr char kPipeline[] = "attn-sliding-window{window=9 sinks=3 layers=0}";
constexpr char kConfig[] = R"({"model_type": "llama", "vocab_size": 61,
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 1,
    "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 16,
    "max_position_embeddings": 128})";

/// Returns the tokens that `token` sees: the first, and the most recent.
std::vector<int32_t> listSeen(int32_t token) {
  std::vector<int32_t> seen;
  for (int32_t i = 0; i <= token; ++i)
    if (i < kSinks || i > token - kWindow)
      seen.push_back(i);
  return seen;
}

/// Returns the logits behind every token in a dense model that is given only
/// the tokens it sees.
std::vector<double> runSeen(Session &session) {
  std::vector<double> all;
  for (int32_t token = 0; token < kTokens; ++token) {
    const std::vector<int32_t> seen = listSeen(token);
    std::vector<int32_t> ids;
    for (int32_t each : seen)
      ids.push_back(listIds()[each]);
    std::vector<float> logits(session.vocabulary());
    heed_step step = {};
    step.batch = step.rows = 1;
    step.tokens = int64_t(seen.size());
    step.ids = ids.data();
    step.positions = seen.data();
    step.logits = logits.data();
    llvm::cantFail(session.reset());
    llvm::cantFail(session.prefill(step));
    all.insert(all.end(), logits.begin(), logits.end());
  }
  return all;
}

class SlidingWindow : public testing::TestWithParam<Device> {};

TEST_P(SlidingWindow, QueriesSeeTheFirstAndTheMostRecentTokens) {
  RandomCheckpoint checkpoint(kConfig);
  mlir::MLIRContext context;
  auto open = [&](Device device, mlir::ModuleOp module) {
    return llvm::cantFail(
        openSession(device, module, checkpoint.getFolder(), 1, kTokens));
  };
  auto dense = llvm::cantFail(checkpoint.import(context, ImportType::F32));
  const std::vector<double> exact = runSeen(*open(Device::Reference, *dense));
  Distance plain = measure(runSeen(*open(Device::Cpu, *dense)), exact);

  auto narrow = llvm::cantFail(checkpoint.import(context, ImportType::F32));
  std::vector<std::string> remarks;
  llvm::cantFail(rewrite(*narrow, kPipeline, remarks));
  auto session = open(GetParam(), *narrow);
  for (const Schedule &schedule : listSchedules(kTokens)) {
    llvm::cantFail(session->reset());
    Distance ours = measure(
        llvm::cantFail(runSequence(*session, listIds(), schedule)), exact);
    EXPECT_LE(ours.maximum, 2 * plain.maximum) << schedule.name;
    EXPECT_LE(ours.relative, 2 * plain.relative) << schedule.name;
  }
}

TEST_P(SlidingWindow, CachesHoldTheWindowAndTheSinks) {
  OpenModel &model = shareModel(GetParam(), Fixture::None,
                                "attn-sliding-window{window=16 sinks=2}");
  // Four slots; keys and values of 2 heads of 16 floats.
  EXPECT_EQ(model.session->cacheBytes(),
            4 * (16 + 2) * kFixtureLayers * 2 * 2 * 16 * 4);
}

INSTANTIATE_TEST_SUITE_P(Devices, SlidingWindow, testing::ValuesIn(kDevices),
                         [](const auto &info) {
                           return nameOf(info.param).str();
                         });

/// The fixture has an edge: some head looks exactly at the last key in reach.
TEST(ShortReach, AWindowOneShorterChangesLogits) {
  const Schedule once = {"one call", kTokens, kTokens};
  auto run = [&](llvm::StringRef pipeline) {
    return runAll(shareModel(Device::Reference, Fixture::ShortReach, pipeline),
                  once);
  };
  std::vector<double> dense = run("");
  expectNear(Fixture::ShortReach, run("attn-sliding-window{window=16}"), dense,
             "window of the reach");
  EXPECT_GT(measure(run("attn-sliding-window{window=15}"), dense).relative,
            0.01);
}

} // namespace
