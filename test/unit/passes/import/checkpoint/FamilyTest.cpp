//===- FamilyTest.cpp - Tests of what families share ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

#include "passes/import/checkpoint/Family.h"

namespace {

TEST(Family, IsFoundByModelType) {
  ASSERT_NE(heed::findFamily("qwen2"), nullptr);
  EXPECT_EQ(heed::findFamily("qwen2")->architecture, "Qwen2ForCausalLM");
  EXPECT_EQ(heed::findFamily("Qwen2"), nullptr);
  EXPECT_EQ(heed::findFamily(""), nullptr);
  EXPECT_EQ(heed::listFamilies(), "llama, mistral, qwen2, qwen3");
}

TEST(Family, LayerTypesMustFitTheLayers) {
  const std::string base = R"("model_type": "qwen2", "num_hidden_layers": 2, )";
  EXPECT_EQ(heed::faultOf(base + R"("layer_types": ["full_attention"])"),
            "config.json: key \"layer_types\": found array of 1, wanted "
            "num_hidden_layers, 2");
  EXPECT_EQ(
      heed::faultOf(base + R"("layer_types": ["full_attention", "linear"])"),
      "config.json: key \"layer_types\": found \"linear\" for layer 1, wanted "
      "full_attention or sliding_attention");
  EXPECT_EQ(heed::faultOf(base + R"("use_sliding_window": false,
            "layer_types": ["full_attention", "sliding_attention"])"),
            "config.json: key \"layer_types\": found sliding_attention for "
            "layer 1, wanted full_attention: use_sliding_window or "
            "sliding_window switches windows off");
}

} // namespace
