//===- Qwen2Test.cpp - Tests of the Qwen 2 family -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

namespace {

using heed::ModelConfig;

TEST(Qwen2, HasBiasesOnQueryKeyAndValueOnly) {
  ModelConfig model = heed::readMembers(R"("model_type": "qwen2")");
  EXPECT_TRUE(model.qkvBias);
  EXPECT_FALSE(model.outputBias || model.qkNorm);
  EXPECT_EQ(model.vocabulary, 151936);
  EXPECT_EQ(model.intermediate, 22016);
  EXPECT_EQ(model.kvHeads, 32);
  EXPECT_TRUE(model.stopIds.empty());
}

TEST(Qwen2, WindowIsOffUnlessItIsUsed) {
  ModelConfig model = heed::readMembers(
      R"("model_type": "qwen2", "num_hidden_layers": 4,
         "sliding_window": 131072,
         "max_window_layers": 2, "use_sliding_window": false,
         "use_mrope": false)");
  EXPECT_EQ(model.windows, (std::vector<int64_t>{0, 0, 0, 0}));
}

TEST(Qwen2, WindowIsOnLayersFromMaxWindowLayersOn) {
  ModelConfig model = heed::readMembers(
      R"("model_type": "qwen2", "num_hidden_layers": 4, "sliding_window": 32,
         "max_window_layers": 2, "use_sliding_window": true)");
  EXPECT_EQ(model.windows, (std::vector<int64_t>{0, 0, 32, 32}));
}

TEST(Qwen2, LayerTypesDecide) {
  ModelConfig model = heed::readMembers(
      R"("model_type": "qwen2", "num_hidden_layers": 3, "sliding_window": 32,
         "max_window_layers": 2, "use_sliding_window": true, "layer_types":
         ["sliding_attention", "full_attention", "sliding_attention"])");
  EXPECT_EQ(model.windows, (std::vector<int64_t>{32, 0, 32}));
}

} // namespace
