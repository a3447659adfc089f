//===- ReferenceModelTest.cpp - Models run on the reference ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ReferenceModel.h"
#include "dialects/attn/Attn.h"
#include "test/unit/passes/analysis/TinyModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace heed {
namespace {

using reference::Tensor;

constexpr char kToken[] = "!attn.cache<[k : token 1x2xf32, v : token 1x2xf32]>";
constexpr char kRing[] = "!attn.cache<[k : ring(3, sinks 1) 1x2xf32, "
                         "v : ring(3, sinks 1) 1x2xf32]>";
constexpr char kUntil[] = "!attn.cache<[k : token 1x2xf32 until decode, "
                          "v : token 1x2xf32 until decode]>";
constexpr int kAll = 1000;

class ReferenceModelTest : public testing::Test {
protected:
  ReferenceModelTest() {
    context.loadDialect<attn::AttnDialect, arith::ArithDialect,
                        func::FuncDialect>();
    context.getDiagEngine().registerHandler(
        [&](Diagnostic &diagnostic) { message = diagnostic.str(); });
  }

  void open(StringRef cache, StringRef mask, int64_t slots, int64_t capacity) {
    module = parseSourceString<ModuleOp>(tinyModel(cache, mask), &context);
    ASSERT_TRUE(module) << message;
    auto created = ReferenceModel::create(*module, "");
    ASSERT_TRUE(succeeded(created)) << message;
    model = std::move(*created);
    weights = tinyWeights();
    for (auto &[name, tensor] : weights)
      model->getWeights().set(name, std::make_shared<const Tensor>(tensor));
    auto made = model->createCache(slots, capacity);
    ASSERT_TRUE(succeeded(made)) << message;
    caches.emplace_back(std::move(*made));
  }

  ReferenceCache &cache() { return caches.back(); }

  FailureOr<Tensor> run(EvalPhase phase, std::vector<int32_t> ids,
                        std::vector<int32_t> positions = {},
                        std::vector<int32_t> slots = {}) {
    ReferenceStep step;
    step.batch = slots.empty() ? 1 : slots.size();
    step.tokens = ids.size() / step.batch;
    step.ids = ids;
    step.positions = positions;
    step.slots = slots;
    return model->run(phase, cache(), step);
  }

  void expectLogits(const FailureOr<Tensor> &found, int64_t row,
                    std::vector<int> ids, int window, int sinks = 0) {
    ASSERT_TRUE(succeeded(found)) << message;
    std::vector<double> wanted = tinyLogits(weights, ids, window, sinks);
    for (int i = 0; i < 5; ++i)
      EXPECT_NEAR(found->row(row)[i], wanted[i], 2e-6) << i;
  }

  MLIRContext context;
  std::string message;
  OwningOpRef<ModuleOp> module;
  std::unique_ptr<ReferenceModel> model;
  std::vector<ReferenceCache> caches;
  TinyWeights weights;
};

TEST_F(ReferenceModelTest, PrefillAndDecodeAgreeWithTheWholeSequence) {
  open(kToken, "mask<causal>", 1, 16);
  EXPECT_EQ(model->getVocabulary(), 5);
  EXPECT_EQ(model->getContext(), 32);
  expectLogits(run(EvalPhase::Prefill, {1, 4, 2}), 0, {1, 4, 2}, kAll);
  expectLogits(run(EvalPhase::Prefill, {0, 3}), 0, {1, 4, 2, 0, 3}, kAll);
  expectLogits(run(EvalPhase::Decode, {2}), 0, {1, 4, 2, 0, 3, 2}, kAll);
  EXPECT_EQ(cache().getTokens(0), 6);
  EXPECT_EQ(cache().getLastPosition(0), 5);
}

TEST_F(ReferenceModelTest, RingWithSinksWrapsAround) {
  open(kRing, "mask<causal, window = 3, sinks = 1>", 1, 16);
  std::vector<int> ids;
  for (int t = 0; t < 11; ++t) {
    ids.push_back(t * 3 % 5);
    auto phase = t % 2 ? EvalPhase::Decode : EvalPhase::Prefill;
    expectLogits(run(phase, {ids.back()}), 0, ids, 3, 1);
  }
  // A chunk longer than the ring.
  ids.insert(ids.end(), {4, 4, 1, 0, 2});
  expectLogits(run(EvalPhase::Prefill, {4, 4, 1, 0, 2}), 0, ids, 3, 1);
}

TEST_F(ReferenceModelTest, SequencesAreApartAndPaddingIsNotTaken) {
  open(kToken, "mask<causal>", 3, 16);
  // Slot 2 gets two tokens padded on the left, slot 0 three.
  auto logits =
      run(EvalPhase::Prefill, {9, 1, 2, 3, 0, 4}, {-1, 0, 1, 0, 1, 2}, {2, 0});
  expectLogits(logits, 0, {1, 2}, kAll);
  expectLogits(logits, 1, {3, 0, 4}, kAll);
  EXPECT_EQ(cache().getTokens(2), 2);
  EXPECT_EQ(cache().getTokens(0), 3);
  logits = run(EvalPhase::Decode, {4, 1}, {}, {0, 2});
  expectLogits(logits, 0, {3, 0, 4, 4}, kAll);
  expectLogits(logits, 1, {1, 2, 1}, kAll);
}

TEST_F(ReferenceModelTest, RowsChooseLogits) {
  open(kToken, "mask<causal>", 1, 16);
  std::vector<int32_t> ids = {1, 4, 2}, rows = {2, -1, 0};
  ReferenceStep step;
  step.tokens = 3;
  step.rows = 3;
  step.ids = ids;
  step.rowIndex = rows;
  auto logits = model->run(EvalPhase::Prefill, cache(), step);
  expectLogits(logits, 0, {1, 4, 2}, kAll);
  EXPECT_EQ(std::vector<double>(logits->row(1), logits->row(2)),
            std::vector<double>(5, 0.0));
  expectLogits(logits, 2, {1}, kAll);
}

TEST_F(ReferenceModelTest, ForkAndTrimKeepWhatTheySay) {
  open(kToken, "mask<causal>", 2, 16);
  ASSERT_TRUE(succeeded(run(EvalPhase::Prefill, {1, 4, 2})));
  ASSERT_FALSE(cache().fork(0, 1));
  ASSERT_FALSE(cache().trim(0, 1));
  auto logits = run(EvalPhase::Decode, {3, 3}, {}, {0, 1});
  expectLogits(logits, 0, {1, 3}, kAll);
  expectLogits(logits, 1, {1, 4, 2, 3}, kAll);
}

TEST_F(ReferenceModelTest, AStepThatFailsChangesNothing) {
  open(kToken, "mask<causal>", 1, 4);
  ASSERT_TRUE(succeeded(run(EvalPhase::Prefill, {1, 4, 2})));
  EXPECT_TRUE(failed(run(EvalPhase::Prefill, {1, 1})));
  EXPECT_EQ(message, "prefill: sequence 0: 5 tokens for slot 0 found, which "
                     "has room for 4");
  EXPECT_TRUE(failed(run(EvalPhase::Decode, {5})));
  EXPECT_EQ(message, "decode: sequence 0, token 0: id 5 found, 0 to 4 wanted");
  EXPECT_TRUE(failed(run(EvalPhase::Decode, {1}, {2})));
  EXPECT_TRUE(failed(run(EvalPhase::Decode, {1, 1})));
  EXPECT_TRUE(failed(run(EvalPhase::Decode, {1}, {32})));
  expectLogits(run(EvalPhase::Decode, {0}), 0, {1, 4, 2, 0}, kAll);
}

TEST_F(ReferenceModelTest, UntilDecodeIsNotThereInDecode) {
  open(kUntil, "mask<causal>", 1, 16);
  ASSERT_TRUE(succeeded(run(EvalPhase::Prefill, {1, 4, 2})));
  ASSERT_TRUE(succeeded(run(EvalPhase::Prefill, {1})));
  EXPECT_TRUE(failed(run(EvalPhase::Decode, {0})));
  EXPECT_EQ(message, "'attn.cache_read' op found a cache kept until decode in "
                     "the phase decode");
}

TEST_F(ReferenceModelTest, RefusesOtherSignatures) {
  module = parseSourceString<ModuleOp>(
      "func.func @step(%x: tensor<?x?xi32>) { return }", &context);
  EXPECT_TRUE(failed(ReferenceModel::create(*module, "")));
  EXPECT_EQ(message, "found signature '(tensor<?x?xi32>) -> ()', wanted (ids, "
                     "positions, rows, caches) -> (logits, caches)");
  module = parseSourceString<ModuleOp>("module {}", &context);
  EXPECT_TRUE(failed(ReferenceModel::create(*module, "")));
  EXPECT_EQ(message, "found neither @prefill nor @step");
}

} // namespace
} // namespace heed
