//===- MistralTest.cpp - Tests of the Mistral family ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

namespace {

using heed::ModelConfig;

TEST(Mistral, EveryLayerHasTheWindow) {
  ModelConfig model = heed::readMembers(
      R"("model_type": "mistral", "num_hidden_layers": 3,
         "sliding_window": 64)");
  EXPECT_EQ(model.windows, (std::vector<int64_t>{64, 64, 64}));
}

TEST(Mistral, NullMeansNoWindowAndAbsentMeansTheDefault) {
  ModelConfig model = heed::readMembers(
      R"("model_type": "mistral", "num_hidden_layers": 2,
         "sliding_window": null)");
  EXPECT_EQ(model.windows, (std::vector<int64_t>{0, 0}));
  model =
      heed::readMembers(R"("model_type": "mistral", "num_hidden_layers": 2)");
  EXPECT_EQ(model.windows, (std::vector<int64_t>{4096, 4096}));
}

TEST(Mistral, AbsentFieldsTakeTheDefaultsOfTheOriginal) {
  ModelConfig model = heed::readMembers(R"("model_type": "mistral")");
  EXPECT_EQ(model.context, 131072);
  EXPECT_EQ(model.intermediate, 14336);
  EXPECT_EQ(model.kvHeads, 8);
  EXPECT_EQ(model.headDim, 128);
  EXPECT_EQ(model.stopIds, std::vector<int32_t>{2});
}

TEST(Mistral, RefusesFieldsOfOtherFamilies) {
  for (const char *field : {R"("attention_bias": true)", R"("mlp_bias": true)",
                            R"("use_sliding_window": true)",
                            R"("layer_types": ["full_attention"])"})
    EXPECT_NE(heed::faultOf(std::string(R"("model_type": "mistral", )") + field)
                  .find("wanted no such field"),
              std::string::npos)
        << field;
}

} // namespace
