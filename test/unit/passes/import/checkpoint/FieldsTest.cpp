//===- FieldsTest.cpp - Tests of the rules for fields ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

#include "passes/import/checkpoint/Fields.h"

namespace {

using heed::faultOf;

const std::string kLlama = R"("model_type": "llama", )";

TEST(Fields, NeutralValuesOfUnknownFieldsAreAccepted) {
  for (const char *value : {"null", "false", "0", "0.0", "\"\"", "[]", "{}"})
    EXPECT_EQ(faultOf(kLlama + "\"new_trick\": " + value), "") << value;
}

TEST(Fields, OtherValuesOfUnknownFieldsAreErrors) {
  for (const char *value :
       {"true", "1", "-0.5", "\"x\"", "[0]", "{\"a\": null}", "1e999"})
    EXPECT_NE(faultOf(kLlama + "\"new_trick\": " + value)
                  .find("key \"new_trick\": found "),
              std::string::npos)
        << value;
  EXPECT_EQ(
      faultOf(kLlama + R"("logit_scale": 0.5)"),
      "config.json: key \"logit_scale\": found number 0.5, wanted no such "
      "field: it is unknown and may change what the model computes");
}

TEST(Fields, WhatDoesNotTouchInferenceIsAccepted) {
  EXPECT_EQ(faultOf(kLlama + R"("use_cache": true, "initializer_range": 0.02,
      "attention_dropout": 0.1, "transformers_version": "4.57.0",
      "bos_token_id": 1, "pretraining_tp": 1, "temperature": 0.6)"),
            "");
}

TEST(Fields, OtherKindsOfCheckpointsAreRefusedByName) {
  EXPECT_EQ(
      faultOf(kLlama + R"("quantization_config": {"quant_method": "gptq"})"),
      "config.json: key \"quantization_config\": found object, wanted none: "
      "quantised checkpoints are not supported, only f32, bf16 and f16");
  EXPECT_EQ(faultOf(R"("model_type": "mixtral", "num_local_experts": 8)"),
            "config.json: key \"num_local_experts\": found integer 8, wanted "
            "none: mixtures of experts are not supported");
  EXPECT_EQ(faultOf(kLlama + R"("num_experts": null)"), "");
}

TEST(Fields, PositiveNumbers) {
  for (const char *value : {"0", "-1e-6", "1e-50", "1e39", "\"1e-6\""})
    EXPECT_NE(faultOf(kLlama + "\"rms_norm_eps\": " + value)
                  .find("key \"rms_norm_eps\": found "),
              std::string::npos)
        << value;
  EXPECT_EQ(faultOf(kLlama + "\"rms_norm_eps\": 1e-5"), "");
}

TEST(Fields, NumbersAreWrittenBriefly) {
  EXPECT_EQ(heed::formatNumber(4), "4");
  EXPECT_EQ(heed::formatNumber(0.1), "0.1");
  EXPECT_EQ(heed::formatNumber(1.0 / 3), "0.3333333333333333");
}

} // namespace
