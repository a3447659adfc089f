//===- Qwen3Test.cpp - Tests of the Qwen 3 family -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

namespace {

using heed::ModelConfig;

TEST(Qwen3, HasNormsAndItsOwnHeadWidth) {
  ModelConfig model = heed::readMembers(
      R"("model_type": "qwen3", "hidden_size": 1024,
         "num_attention_heads": 16, "num_key_value_heads": 8)");
  EXPECT_TRUE(model.qkNorm);
  EXPECT_FALSE(model.qkvBias || model.outputBias);
  EXPECT_EQ(model.headDim, 128);
  EXPECT_EQ(model.kvHeads, 8);
}

TEST(Qwen3, AttentionBiasIsOnAllFourProjections) {
  ModelConfig model =
      heed::readMembers(R"("model_type": "qwen3", "attention_bias": true)");
  EXPECT_TRUE(model.qkvBias);
  EXPECT_TRUE(model.outputBias);
}

TEST(Qwen3, ReadsWindowsLikeQwen2) {
  ModelConfig model = heed::readMembers(
      R"("model_type": "qwen3", "num_hidden_layers": 2, "sliding_window": 16,
         "max_window_layers": 1, "use_sliding_window": true)");
  EXPECT_EQ(model.windows, (std::vector<int64_t>{0, 16}));
}

} // namespace
