//===- LlamaTest.cpp - Tests of the Llama family --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

namespace {

using heed::ModelConfig;

TEST(Llama, AbsentFieldsTakeTheDefaultsOfTheOriginal) {
  ModelConfig model = heed::readMembers(R"("model_type": "llama")");
  EXPECT_EQ(model.family, "llama");
  EXPECT_EQ(model.vocabulary, 32000);
  EXPECT_EQ(model.context, 2048);
  EXPECT_EQ(model.hidden, 4096);
  EXPECT_EQ(model.intermediate, 11008);
  EXPECT_EQ(model.layers, 32);
  EXPECT_EQ(model.heads, 32);
  EXPECT_EQ(model.kvHeads, 32);
  EXPECT_EQ(model.headDim, 128);
  EXPECT_EQ(model.epsilon, 1e-6);
  EXPECT_EQ(model.rotary.theta, 10000.0);
  EXPECT_FALSE(model.tied || model.qkvBias || model.outputBias || model.qkNorm);
  EXPECT_EQ(model.windows, std::vector<int64_t>(32, 0));
  EXPECT_EQ(model.stopIds, std::vector<int32_t>{2});
}

TEST(Llama, AttentionBiasIsOnAllFourProjections) {
  ModelConfig model =
      heed::readMembers(R"("model_type": "llama", "attention_bias": true)");
  EXPECT_TRUE(model.qkvBias);
  EXPECT_TRUE(model.outputBias);
}

TEST(Llama, RefusesFeedForwardBiasAndWindows) {
  EXPECT_EQ(heed::faultOf(R"("model_type": "llama", "mlp_bias": true)"),
            "config.json: key \"mlp_bias\": found boolean true, wanted false: "
            "biases in the feed-forward block are not supported");
  EXPECT_EQ(heed::faultOf(R"("model_type": "llama", "sliding_window": 64)"),
            "config.json: key \"sliding_window\": found integer 64, wanted no "
            "such field: it is unknown and may change what the model computes");
}

} // namespace
