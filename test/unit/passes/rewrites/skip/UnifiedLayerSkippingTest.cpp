//===- UnifiedLayerSkippingTest.cpp - Decode on fewer layers --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Holds the rewrite to its definition: the kept sets of the paper, prefill as
// in the dense model, and decode as in a model whose other layers were deleted
// by hand and that goes on from the keys and values of the whole one.
//
//===----------------------------------------------------------------------===//

#include "passes/framework/Model.h"
#include "test/unit/models/OpenModel.h"

#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

#include <numeric>

using namespace mlir;

namespace heed {
namespace {

constexpr char kName[] = "attn-unified-layer-skipping";
constexpr char kTwice[] = "attn-unified-layer-skipping{speedup=2}";
constexpr int64_t kPrompt = 40;
const Schedule kSchedule = {"prompt, then decode", kPrompt, kPrompt};

//===----------------------------------------------------------------------===//
// Which layers are kept
//===----------------------------------------------------------------------===//

/// Returns the layers of n that decode runs.
std::vector<int64_t> listKept(int64_t n, StringRef options) {
  std::string text = "func.func @step(%h0: tensor<?x?x4xf32>) -> "
                     "tensor<?x?x4xf32> {\n";
  for (int64_t i = 0; i < n; ++i) {
    std::string number = std::to_string(i), next = std::to_string(i + 1);
    text += "%h" + next + " = attn.layer " + number + " \"decoder\" (%x = %h" +
            number +
            ") : (tensor<?x?x4xf32>) -> (tensor<?x?x4xf32>) {\n"
            "attn.yield %x : tensor<?x?x4xf32> }\n";
  }
  text += "return %h" + std::to_string(n) + " : tensor<?x?x4xf32> }";
  MLIRContext context;
  context.loadDialect<attn::AttnDialect, func::FuncDialect>();
  auto module = parseSourceString<ModuleOp>(text, &context);
  std::vector<std::string> remarks;
  llvm::cantFail(rewrite(
      *module, (kName + llvm::Twine("{") + options + "}").str(), remarks));
  std::vector<int64_t> skipped = listChangedLayers(*module, kName), kept;
  for (int64_t i = 0; i < n; ++i)
    if (!llvm::is_contained(skipped, i))
      kept.push_back(i);
  return kept;
}

/// Returns first, first + by, .. up to last, and then the last layer.
std::vector<int64_t> range(int64_t by, int64_t last, int64_t end) {
  std::vector<int64_t> layers;
  for (int64_t i = 0; i <= last; i += by)
    layers.push_back(i);
  layers.push_back(end);
  return layers;
}

TEST(UnifiedLayerSkipping, KeepsTheLayersOfThePaper) {
  EXPECT_EQ(listKept(30, "speedup=2"), range(2, 26, 29));
  EXPECT_EQ(listKept(30, "speedup=3"), range(3, 24, 29));
  EXPECT_EQ(listKept(30, "speedup=5"),
            (std::vector<int64_t>{0, 6, 12, 18, 24, 29}));
  EXPECT_EQ(listKept(30, "speedup=10"), (std::vector<int64_t>{0, 15, 29}));
  EXPECT_EQ(listKept(32, "speedup=3"), range(3, 24, 31));
}

TEST(UnifiedLayerSkipping, KeepsAsManyLayersAsTheSpeedupSays) {
  for (int64_t n = 2; n <= 40; ++n)
    for (int64_t m = 2; m < n; ++m) {
      // A little above m layers in n, so that rounding cannot decide.
      std::string speedup = "speedup=" + std::to_string(n / (m + 0.01));
      for (const char *balance : {" balance=paper", " balance=even"}) {
        std::vector<int64_t> kept = listKept(n, speedup + balance);
        EXPECT_EQ(int64_t(kept.size()), m) << n << " layers, " << speedup;
        EXPECT_EQ(kept.front(), 0);
        EXPECT_EQ(kept.back(), n - 1);
      }
    }
}

//===----------------------------------------------------------------------===//
// What the phases compute
//===----------------------------------------------------------------------===//

class SkippedModel : public testing::TestWithParam<Device> {
protected:
  std::vector<double> run(StringRef pipeline) {
    return runAll(shareModel(GetParam(), Fixture::None, pipeline), kSchedule);
  }
};

TEST_P(SkippedModel, PromptsAndTheFirstTokenAreThoseOfTheDenseModel) {
  std::vector<double> ours = run(kTwice), dense = run("");
  const size_t prompt = kPrompt * kFixtureVocabulary;
  EXPECT_TRUE(std::equal(ours.begin(), ours.begin() + prompt, dense.begin()));
}

/// Writes the whole model as @prefill, and the model without `skipped` as
/// @decode, in place of @step.
void truncateDecode(ModuleOp module, ArrayRef<int64_t> skipped) {
  auto prefill = module.lookupSymbol<func::FuncOp>("step");
  func::FuncOp decode = prefill.clone();
  prefill.setName("prefill");
  decode.setName("decode");
  module.push_back(decode);
  decode.walk([&](attn::LayerOp layer) {
    if (!llvm::is_contained(skipped, int64_t(layer.getIndex())))
      return;
    layer->replaceAllUsesWith(layer.getInputs());
    layer->erase();
  });
}

TEST_P(SkippedModel, DecodeIsATruncatedModelBehindThePromptOfTheWholeOne) {
  MLIRContext context;
  std::unique_ptr<RandomCheckpoint> checkpoint = makeFixture(Fixture::None);
  auto module = llvm::cantFail(checkpoint->import(context, ImportType::F32));
  truncateDecode(*module, {1, 2, 4}); // 0, 3 and 5 of 6 stay
  auto session = llvm::cantFail(openSession(
      Device::Reference, *module, checkpoint->getFolder(), 1, kTokens));
  std::vector<double> wanted =
      llvm::cantFail(runSequence(*session, listIds(), kSchedule));
  expectNear(Fixture::None, run(kTwice), wanted,
             nameOf(GetParam()).str() + ", against a truncated model");
}

TEST_P(SkippedModel, DecodeReleasesTheCachesOfSkippedLayers) {
  Session &session = *shareModel(GetParam(), Fixture::None, kTwice).session;
  const int64_t slots = 4, all = session.cacheBytes();
  // Keys and values of 2 heads of 16 floats.
  EXPECT_EQ(all, slots * kTokens * kFixtureLayers * 2 * 2 * 16 * 4);
  const Schedule prompt = {"", kPrompt, kPrompt};
  llvm::cantFail(
      runSequence(session, listIds().take_front(kPrompt), prompt, 1));
  EXPECT_EQ(session.cacheBytes(), all) << "before the first decode";
  llvm::cantFail(
      runSequence(session, listIds().slice(kPrompt, 1), {"", 0, 1}, 1));
  EXPECT_EQ(session.cacheBytes(), all - all / slots * 3 / 6)
      << "3 of 6 layers of one slot";
}

TEST_P(SkippedModel, PrefillAfterDecodeIsRefused) {
  Session &session = *shareModel(GetParam(), Fixture::None, kTwice).session;
  llvm::cantFail(runSequence(session, listIds().take_front(5), {"", 4, 4}));
  auto more = runSequence(session, listIds().take_front(1), {"", 1, 1});
  ASSERT_FALSE(bool(more));
  std::string message = llvm::toString(more.takeError());
  EXPECT_NE(message.find("has decoded"), std::string::npos) << message;
}

INSTANTIATE_TEST_SUITE_P(Devices, SkippedModel, testing::ValuesIn(kDevices),
                         [](const auto &info) {
                           return nameOf(info.param).str();
                         });

/// Returns how many commands a token takes by decode.
int64_t countCommands(StringRef pipeline) {
  Session &session = *shareModel(Device::Cpu, Fixture::None, pipeline).session;
  llvm::cantFail(runSequence(session, listIds().take_front(4), {"", 4, 4}));
  std::map<std::string, int64_t> before = session.commands();
  llvm::cantFail(runSequence(session, listIds().slice(4, 1), {"", 0, 1}));
  int64_t commands = 0;
  for (const auto &[label, runs] : session.commands())
    commands += runs - before[label];
  return commands;
}

TEST(UnifiedLayerSkipping, DecodeRunsHalfOfTheLayers) {
  // All layers have the same commands; three of six are skipped.
  int64_t dense = countCommands(""), saved = dense - countCommands(kTwice);
  EXPECT_EQ(saved % 3, 0);
  EXPECT_GE(saved / 3, 8) << "projections, append, attention, output, ffn";
  // Outside of layers are embedding, norm, choice of rows, head.
  EXPECT_GE(dense - 2 * saved, 2);
  EXPECT_LE(dense - 2 * saved, 5);
}

} // namespace
} // namespace heed
