//===- ModelConfigTest.cpp - Tests of reading configurations --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/ConfigText.h"

namespace {

using heed::faultOf;
using heed::ModelConfig;

const std::string kLlama = R"("model_type": "llama", )";

TEST(ModelConfig, ReadsWhatAllFamiliesShare) {
  ModelConfig model = heed::readMembers(R"(
      "architectures": ["LlamaForCausalLM"], "model_type": "llama",
      "vocab_size": 256, "max_position_embeddings": 1024, "hidden_size": 256,
      "intermediate_size": 688, "num_hidden_layers": 8,
      "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64,
      "rms_norm_eps": 1e-05, "rope_theta": 500000, "hidden_act": "silu",
      "tie_word_embeddings": true, "torch_dtype": "bfloat16",
      "eos_token_id": [0, 7])");
  EXPECT_EQ(model.vocabulary, 256);
  EXPECT_EQ(model.context, 1024);
  EXPECT_EQ(model.hidden, 256);
  EXPECT_EQ(model.intermediate, 688);
  EXPECT_EQ(model.layers, 8);
  EXPECT_EQ(model.heads, 4);
  EXPECT_EQ(model.kvHeads, 2);
  EXPECT_EQ(model.headDim, 64);
  EXPECT_EQ(model.epsilon, 1e-5);
  EXPECT_EQ(model.rotary.theta, 500000.0);
  EXPECT_EQ(model.activation, heed::ConfigActivation::Silu);
  EXPECT_TRUE(model.tied);
  EXPECT_EQ(model.dtype, "bfloat16");
  EXPECT_EQ(model.stopIds, (std::vector<int32_t>{0, 7}));
}

TEST(ModelConfig, TypesAreStrict) {
  for (const char *field :
       {R"("hidden_size": 64.0)", R"("hidden_size": "64")",
        R"("hidden_size": 0)", R"("hidden_size": -64)",
        R"("hidden_size": 9223372036854775807)",
        R"("hidden_size": 18446744073709551616)",
        R"("num_hidden_layers": 1000000)", R"("tie_word_embeddings": 1)",
        R"("hidden_act": ["silu"])", R"("rope_theta": "1e4")",
        R"("eos_token_id": 2.5)", R"("eos_token_id": "2")",
        R"("architectures": "LlamaForCausalLM")", R"("dtype": 16)"}) {
    std::string key = llvm::StringRef(field).split(':').first.str();
    EXPECT_NE(faultOf(kLlama + field).find("key " + key + ": found "),
              std::string::npos)
        << field << ": " << faultOf(kLlama + field);
  }
}

TEST(ModelConfig, ContradictionsNameBoth) {
  EXPECT_EQ(faultOf(kLlama + R"("num_attention_heads": 6,
                    "num_key_value_heads": 4, "hidden_size": 96)"),
            "config.json: top level: found num_attention_heads 6 and "
            "num_key_value_heads 4, wanted the second to divide the first");
  EXPECT_EQ(faultOf(kLlama + R"("hidden_size": 100,
                    "num_attention_heads": 3)"),
            "config.json: top level: found hidden_size 100 and "
            "num_attention_heads 3, wanted the second to divide the first, or "
            "head_dim");
  EXPECT_EQ(
      faultOf(kLlama + R"("hidden_size": 12,
                    "num_attention_heads": 4)"),
      "config.json: top level: found heads of width 3 (head_dim, or "
      "hidden_size / num_attention_heads), wanted an even number to rotate");
  EXPECT_EQ(faultOf(kLlama + R"("dtype": "float32",
                    "torch_dtype": "bfloat16")"),
            "config.json: key \"dtype\": found string \"float32\", wanted "
            "torch_dtype's \"bfloat16\"");
  EXPECT_EQ(faultOf(kLlama + R"("architectures":
                    ["LlamaForSequenceClassification"])"),
            "config.json: key \"architectures\": found "
            "\"LlamaForSequenceClassification\", wanted LlamaForCausalLM");
}

TEST(ModelConfig, UnknownModelTypesSayWhatIsSupported) {
  EXPECT_EQ(faultOf(R"("model_type": "gemma2")"),
            "config.json: key \"model_type\": found string \"gemma2\", wanted "
            "one of llama, mistral, qwen2, qwen3");
  EXPECT_EQ(faultOf(R"("hidden_size": 64)"),
            "config.json: key \"model_type\": found nothing, wanted string");
}

TEST(ModelConfig, UnknownWordsSayWhatIsSupported) {
  EXPECT_EQ(faultOf(kLlama + R"("hidden_act": "relu2")"),
            "config.json: key \"hidden_act\": found string \"relu2\", wanted "
            "one of silu, gelu, gelu_new, gelu_pytorch_tanh, relu");
  EXPECT_EQ(faultOf(kLlama + R"("dtype": "float8_e4m3fn")"),
            "config.json: key \"dtype\": found string \"float8_e4m3fn\", "
            "wanted float32, bfloat16 or float16");
}

TEST(ModelConfig, StopIdsMayBeOneNoneOrMany) {
  EXPECT_EQ(heed::readMembers(kLlama + R"("eos_token_id": 5)").stopIds,
            std::vector<int32_t>{5});
  EXPECT_TRUE(
      heed::readMembers(kLlama + R"("eos_token_id": null)").stopIds.empty());
  EXPECT_TRUE(heed::readMembers(kLlama + R"("vocab_size": 2)").stopIds.empty());
  EXPECT_EQ(faultOf(kLlama + R"("vocab_size": 10, "eos_token_id": [1, 10])"),
            "config.json: key \"eos_token_id\": found id 10, wanted one from 0 "
            "to 9 (vocab_size 10)");
}

TEST(ModelConfig, StartIdMayBeGiven) {
  EXPECT_EQ(heed::readMembers(kLlama + R"("bos_token_id": 7)").startId, 7);
  EXPECT_EQ(heed::readMembers(kLlama + R"("bos_token_id": null)").startId,
            std::nullopt);
  EXPECT_EQ(heed::readMembers(kLlama + R"("vocab_size": 8)").startId,
            std::nullopt);
  EXPECT_EQ(faultOf(kLlama + R"("vocab_size": 10, "bos_token_id": 10)"),
            "config.json: key \"bos_token_id\": found id 10, wanted one from 0 "
            "to 9 (vocab_size 10)");
  EXPECT_EQ(faultOf(kLlama + R"("vocab_size": 10, "bos_token_id": -1)"),
            "config.json: key \"bos_token_id\": found id -1, wanted one from 0 "
            "to 9 (vocab_size 10)");
  EXPECT_EQ(faultOf(kLlama + R"("bos_token_id": [1])"),
            "config.json: key \"bos_token_id\": found array of 1, wanted "
            "integer");
}

TEST(ModelConfig, GenerationConfigDecidesAboutIds) {
  int32_t start = -1;
  auto read = [&](const char *text) {
    ModelConfig model =
        heed::readMembers(kLlama + R"("eos_token_id": 5, "bos_token_id": 4)");
    llvm::Expected<heed::JsonDocument> document =
        heed::JsonDocument::parse(text, "generation_config.json");
    if (!document)
      llvm::report_fatal_error(document.takeError());
    if (llvm::Error error = readGenerationConfig(document->root(), model))
      ADD_FAILURE() << llvm::toString(std::move(error));
    start = model.startId.value_or(-1);
    return model.stopIds;
  };
  EXPECT_EQ(read(R"({"eos_token_id": [8, 9], "temperature": 0.6})"),
            (std::vector<int32_t>{8, 9}));
  EXPECT_EQ(read(R"({"eos_token_id": 7})"), std::vector<int32_t>{7});
  EXPECT_EQ(start, 4);
  EXPECT_EQ(read(R"({"bos_token_id": 6})"), std::vector<int32_t>{5});
  EXPECT_EQ(start, 6);
  EXPECT_EQ(read(R"({"temperature": 0.6})"), std::vector<int32_t>{5});
}

} // namespace
