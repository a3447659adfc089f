//===- ReferenceSessionTest.cpp - The reference behind the C step ---------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ReferenceSession.h"
#include "dialects/attn/Attn.h"
#include "test/unit/passes/analysis/TinyModel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Parser/Parser.h"
#include "gtest/gtest.h"

using namespace mlir;

namespace heed {
namespace {

constexpr char kToken[] = "!attn.cache<[k : token 1x2xf32, v : token 1x2xf32]>";

class ReferenceSessionTest : public testing::Test {
protected:
  void SetUp() override {
    context.loadDialect<attn::AttnDialect, arith::ArithDialect,
                        func::FuncDialect>();
    module = parseSourceString<ModuleOp>(tinyModel(kToken, "mask<causal>"),
                                         &context);
    session = llvm::cantFail(ReferenceSession::create(*module, ""));
    for (auto &[name, tensor] : weights)
      session->getModel().getWeights().set(
          name, std::make_shared<const reference::Tensor>(tensor));
    llvm::cantFail(session->makeCache(/*slots=*/2, /*capacity=*/8));
  }

  void expectLogits(const std::vector<int> &ids, const float *logits) {
    std::vector<double> wanted = tinyLogits(weights, ids, /*window=*/1000, 0);
    for (size_t i = 0; i < wanted.size(); ++i)
      EXPECT_NEAR(logits[i], wanted[i], 1e-5) << "logit " << i;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  TinyWeights weights = tinyWeights();
  std::unique_ptr<ReferenceSession> session;
};

TEST_F(ReferenceSessionTest, StepsAreThoseOfTheRuntime) {
  const int32_t ids[] = {3, 1, 0, 2}, positions[] = {0, 1, -1, 0},
                slots[] = {1, 0};
  float logits[10];
  heed_step step = {2, 2, 1, ids, positions, nullptr, slots, logits};
  ASSERT_FALSE(bool(session->run(EvalPhase::Prefill, step)));
  expectLogits({3, 1}, logits);
  expectLogits({2}, logits + 5);

  const int32_t next[] = {4};
  step = {1, 1, 1, next, nullptr, nullptr, slots, logits};
  ASSERT_FALSE(bool(session->run(EvalPhase::Decode, step)));
  expectLogits({3, 1, 4}, logits);
}

TEST_F(ReferenceSessionTest, ErrorsAreOneLineAndChangeNothing) {
  const int32_t ids[] = {3, 5};
  float logits[5];
  heed_step step = {1, 2, 1, ids, nullptr, nullptr, nullptr, logits};
  EXPECT_EQ(llvm::toString(session->run(EvalPhase::Prefill, step)),
            "prefill: sequence 0, token 1: id 5 found, 0 to 4 wanted");
  EXPECT_EQ(session->getCache().getTokens(0), 0);
  step.tokens = 1;
  EXPECT_FALSE(bool(session->run(EvalPhase::Prefill, step)));
  expectLogits({3}, logits);
}

TEST_F(ReferenceSessionTest, ModulesThatAreNoModelAreRefused) {
  OwningOpRef<ModuleOp> empty = ModuleOp::create(UnknownLoc::get(&context));
  auto created = ReferenceSession::create(*empty, "");
  ASSERT_FALSE(bool(created));
  EXPECT_EQ(llvm::toString(created.takeError()),
            "found neither @prefill nor @step");
}

} // namespace
} // namespace heed
