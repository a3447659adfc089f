//===- ReportTest.cpp - Reports hold what is compiled and run -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// What a report says of a model (passes/analysis/ModelReport.h), dense, with
// rings, and with layers that decode skips: the bytes of caches are what each
// device says that its cache holds, before and after the first decode; the
// counts are those of the functions that are compiled for the phases.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/RandomCheckpoint.h"
#include "test/unit/models/Session.h"

#include "dialects/interfaces/CostInterface.h"
#include "passes/analysis/ModelReport.h"
#include "passes/lower/Passes.h"
#include "passes/rewrites/Registry.h"

#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

namespace {

using namespace heed;

constexpr int64_t kSlots = 3, kCapacity = 21;

constexpr char kConfig[] = R"({"model_type": "llama", "vocab_size": 11,
  "hidden_size": 12, "intermediate_size": 8, "num_hidden_layers": 4,
  "num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 6})";

struct Variant {
  const char *name;
  std::unique_ptr<RewritePass> (*create)();
  const char *options;
};

const Variant kVariants[] = {
    {"dense", nullptr, ""},
    {"window", createSlidingWindow, "window=5 sinks=2 layers=0,2,3"},
    {"wide_window", createSlidingWindow, "window=20 sinks=4"},
    {"skipping", createUnifiedLayerSkipping, "speedup=2"},
};

class Reports : public testing::TestWithParam<Variant> {
protected:
  Reports() : checkpoint(kConfig) {}

  void SetUp() override {
    module = llvm::cantFail(checkpoint.import(context, ImportType::BF16));
    if (!GetParam().create)
      return;
    auto fail = [](const llvm::Twine &message) {
      ADD_FAILURE() << message.str();
      return mlir::failure();
    };
    std::unique_ptr<mlir::Pass> pass = GetParam().create();
    ASSERT_TRUE(succeeded(pass->initializeOptions(GetParam().options, fail)));
    mlir::PassManager manager(&context);
    manager.addPass(std::move(pass));
    ASSERT_TRUE(succeeded(manager.run(*module)));
  }

  mlir::MLIRContext context;
  RandomCheckpoint checkpoint;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

TEST_P(Reports, CountTheFunctionsOfThePhases) {
  auto reports = reportModels(*module, {/*tokens=*/9, /*batch=*/2});
  ASSERT_TRUE(succeeded(reports));
  mlir::PassManager manager(&context);
  manager.addPass(createSpecializePhasesPass());
  ASSERT_TRUE(succeeded(manager.run(*module)));
  const PartCosts &all = reports->front().all;
  std::tuple<const char *, Counts, StepSizes> phases[] = {
      {"prefill", all.prefill, {2, 9, 0, 1}},
      {"decode", all.decode, {2, 1, 8, 1}}};
  for (const auto &[name, found, sizes] : phases) {
    SCOPED_TRACE(name);
    Counts wanted = countBelow(module->lookupSymbol(name), sizes);
    EXPECT_EQ(found.multiplyAdds, wanted.multiplyAdds);
    EXPECT_EQ(found.weightBytes, wanted.weightBytes);
    EXPECT_EQ(found.cacheBytesRead, wanted.cacheBytesRead);
    EXPECT_EQ(found.activationBytes, wanted.activationBytes);
  }
}

TEST_P(Reports, PredictTheBytesOfEveryCache) {
  auto reports = reportModels(*module, {/*tokens=*/4, kSlots, kCapacity});
  ASSERT_TRUE(succeeded(reports));
  const CacheBytes &reported = reports->front().all.cache;
  EXPECT_EQ(reports->front().rewrites.size(), GetParam().create ? 1u : 0u);
  for (Device device : kDevices) {
    SCOPED_TRACE(nameOf(device).str());
    auto session =
        openSession(device, *module, checkpoint.getFolder(), kSlots, kCapacity);
    ASSERT_TRUE(bool(session)) << llvm::toString(session.takeError());
    EXPECT_EQ((*session)->cacheBytes(), reported.full);
    std::vector<int32_t> ids(kSlots * 4, 1);
    std::vector<float> logits(kSlots * 11);
    heed_step step = {kSlots,  4,       1,       ids.data(),
                      nullptr, nullptr, nullptr, logits.data()};
    llvm::cantFail((*session)->prefill(step));
    EXPECT_EQ((*session)->cacheBytes(), reported.full) << "after prefill";
    step.tokens = 1;
    llvm::cantFail((*session)->decode(step));
    EXPECT_EQ((*session)->cacheBytes(), reported.fullAfterDecode);
  }
  // Skipping must show, or this test compares equal numbers.
  EXPECT_EQ(reported.full != reported.fullAfterDecode,
            GetParam().create == createUnifiedLayerSkipping);
}

INSTANTIATE_TEST_SUITE_P(All, Reports, testing::ValuesIn(kVariants),
                         [](const auto &info) { return info.param.name; });

} // namespace
