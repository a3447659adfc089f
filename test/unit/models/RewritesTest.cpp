//===- RewritesTest.cpp - Rewrites that must change nothing ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What each rewrite declares as `exactWhen` (passes/framework/Rewrite.h): with
// the trivial setting, and with a real setting on its fixture, all schedules
// give the logits of the dense model. The rewritten path must have run: layers
// were changed, and other commands or another cache were at work.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/OpenModel.h"

#include "passes/rewrites/Registry.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

enum class Form { Trivial, Fixture };

struct Case {
  Device device;
  const RewriteInfo *info;
  Form form;
  Fixture fixture;
  std::string pipeline;

  /// A trivial setting saves nothing in a cache that it could fill.
  int64_t capacity() const {
    return form == Form::Trivial ? kFixtureContext : kTokens;
  }
  std::string name() const {
    return nameCase(device,
                    info->name.str() +
                        (form == Form::Trivial ? " trivial" : " fixture"));
  }
};

std::vector<Case> listCases() {
  std::vector<Case> cases;
  for (const auto &rewrite : createRewrites()) {
    const RewriteInfo &info = rewrite->getInfo();
    const ExactWhen &when = info.exactWhen;
    for (Device device : kDevices) {
      if (when.trivial == Trivial::Rewritten)
        cases.push_back({device, &info, Form::Trivial, Fixture::None,
                         spellPipeline(info, when.trivialOptions)});
      if (when.fixture != Fixture::None)
        cases.push_back({device, &info, Form::Fixture, when.fixture,
                         spellPipeline(info, when.fixtureOptions)});
    }
  }
  return cases;
}

/// What runs when a model takes all tokens, the first 50 by prefill.
struct Trace {
  std::map<std::string, int64_t> commands;
  int64_t cacheBytes;

  explicit Trace(OpenModel &model) {
    std::map<std::string, int64_t> before = model.session->commands();
    runAll(model, {"chunks, then decode", 50, 7});
    for (const auto &[label, count] : model.session->commands())
      if (int64_t runs = count - before[label])
        commands[label] = runs;
    cacheBytes = model.session->cacheBytes();
  }
};

class Rewrites : public testing::TestWithParam<Case> {
protected:
  OpenModel &dense(Device device) {
    return shareModel(device, GetParam().fixture, "", GetParam().capacity());
  }
  OpenModel &rewritten() {
    const Case &c = GetParam();
    return shareModel(c.device, c.fixture, c.pipeline, c.capacity());
  }
};

TEST_P(Rewrites, RunAnotherPathThanTheDenseModel) {
  EXPECT_FALSE(
      listChangedLayers(*rewritten().module, GetParam().info->name).empty());
  Trace ours(rewritten()), theirs(dense(GetParam().device));
  EXPECT_TRUE(ours.commands != theirs.commands ||
              ours.cacheBytes != theirs.cacheBytes)
      << "the same commands and " << ours.cacheBytes << " bytes of caches";
}

TEST_P(Rewrites, EqualTheDenseModel) {
  const std::vector<double> exact =
      runAll(dense(Device::Reference), {"one call", kTokens, kTokens});
  for (const Schedule &schedule : listSchedules(kTokens))
    expectNear(GetParam().fixture, runAll(rewritten(), schedule), exact,
               GetParam().name() + ", " + schedule.name);
}

INSTANTIATE_TEST_SUITE_P(All, Rewrites, testing::ValuesIn(listCases()),
                         [](const auto &info) { return info.param.name(); });

std::string print(mlir::ModuleOp module) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  module.print(stream);
  return text;
}

TEST(Rewrites, LeaveTheIrAloneWhereTheySaySo) {
  mlir::MLIRContext context;
  std::unique_ptr<RandomCheckpoint> checkpoint = makeFixture(Fixture::None);
  auto module = llvm::cantFail(checkpoint->import(context, ImportType::F32));
  const std::string before = print(*module);
  for (const auto &each : createRewrites()) {
    const RewriteInfo &info = each->getInfo();
    if (info.exactWhen.trivial != Trivial::Unchanged)
      continue;
    std::string pipeline = spellPipeline(info, info.exactWhen.trivialOptions);
    std::vector<std::string> remarks;
    llvm::Error error = rewrite(*module, pipeline, remarks);
    ASSERT_FALSE(bool(error)) << llvm::toString(std::move(error));
    EXPECT_EQ(print(*module), before) << pipeline;
    ASSERT_EQ(remarks.size(), 1u) << pipeline;
    EXPECT_EQ(remarks[0].find(info.name.str() + ": "), 0u) << remarks[0];
  }
}

} // namespace
