//===- ModelTensorsTest.cpp - Tests of matching tensors -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/import/checkpoint/TinyCheckpoint.h"

namespace {

using heed::DType;
using heed::ImportType;
using heed::TinyCheckpoint;

TEST(ModelTensors, EveryWeightFindsItsTensor) {
  TinyCheckpoint tiny;
  tiny.write();
  auto model = llvm::cantFail(heed::openModelConfig(tiny.folder));
  auto checkpoint = llvm::cantFail(heed::Checkpoint::open(tiny.folder));
  auto weights = llvm::cantFail(matchTensors(model, checkpoint));
  ASSERT_EQ(weights.size(), 2u * 9 + 3);
  for (const heed::ModelWeight &weight : weights) {
    EXPECT_EQ(weight.source.tensor->name, weight.key);
    EXPECT_EQ(weight.source.tensor->shape, weight.shape);
  }
  EXPECT_EQ(weights[0].symbol, "embed");
  EXPECT_EQ(weights[10].symbol, "l1.norm1");
  EXPECT_EQ(weights[12].key, "model.layers.1.self_attn.k_proj.weight");
  EXPECT_EQ(llvm::cantFail(chooseType(model, weights, ImportType::Keep)),
            DType::F32);
  EXPECT_EQ(llvm::cantFail(chooseType(model, weights, ImportType::BF16)),
            DType::BF16);
}

TEST(ModelTensors, ShapesMustFollowTheConfiguration) {
  TinyCheckpoint tiny;
  tiny.tensor("model.layers.1.self_attn.k_proj.weight").shape = {4, 4};
  tiny.write();
  EXPECT_EQ(tiny.fault(),
            "model.safetensors: key \"model.layers.1.self_attn.k_proj.weight\":"
            " found shape [4, 4], wanted [2, 4] (num_key_value_heads x "
            "head_dim, hidden_size of config.json)");
}

TEST(ModelTensors, MissingTensorsAreNamed) {
  TinyCheckpoint tiny;
  tiny.erase("model.layers.0.mlp.up");
  tiny.write();
  EXPECT_EQ(tiny.fault(),
            "FOLDER: key \"model.layers.0.mlp.up_proj.weight\": found nothing, "
            "wanted a tensor of shape [6, 4]");
}

TEST(ModelTensors, LayersMustBeAsManyAsTheConfigurationSays) {
  TinyCheckpoint fewer;
  fewer.erase("model.layers.1.");
  fewer.write();
  EXPECT_EQ(fewer.fault(), "FOLDER: found tensors of 1 layers, wanted "
                           "num_hidden_layers 2 of config.json");
  TinyCheckpoint more;
  more.tensors.push_back(
      {"model.layers.2.input_layernorm.weight", DType::F32, {4}});
  more.write();
  EXPECT_EQ(more.fault(),
            "model.safetensors: key \"model.layers.2.input_layernorm.weight\": "
            "found layer 2, wanted num_hidden_layers 2 of config.json");
}

TEST(ModelTensors, HeadAndTyingMustAgree) {
  TinyCheckpoint untied;
  untied.erase("lm_head");
  untied.write();
  EXPECT_EQ(untied.fault(),
            "FOLDER: key \"lm_head.weight\": found nothing, wanted a tensor of "
            "shape [8, 4] because tie_word_embeddings is false in config.json");
  TinyCheckpoint tied;
  tied.config.insert(1, R"("tie_word_embeddings": true, )");
  tied.write();
  EXPECT_EQ(tied.fault(),
            "model.safetensors: key \"lm_head.weight\": found a tensor, wanted "
            "none because tie_word_embeddings is true in config.json");
  tied.erase("lm_head");
  tied.write();
  EXPECT_EQ(tied.fault(), "");
}

TEST(ModelTensors, UnknownTensorsAreErrorsUnlessTheyAreDerived) {
  TinyCheckpoint tiny;
  tiny.tensors.push_back(
      {"model.layers.0.self_attn.rotary_emb.inv_freq", DType::F32, {1}});
  tiny.write();
  EXPECT_EQ(tiny.fault(), "");
  tiny.tensors.push_back(
      {"model.layers.0.self_attn.q_proj.bias", DType::F32, {4}});
  tiny.write();
  EXPECT_EQ(tiny.fault(),
            "model.safetensors: key \"model.layers.0.self_attn.q_proj.bias\": "
            "found a tensor that model type \"llama\" does not have, wanted "
            "none");
}

TEST(ModelTensors, TypesMustAgreeUnlessOneIsChosen) {
  TinyCheckpoint mixed;
  mixed.tensor("model.norm.weight").dtype = DType::BF16;
  mixed.write();
  EXPECT_EQ(mixed.fault(),
            "model.safetensors: key \"model.norm.weight\": found type BF16, "
            "wanted F32 as \"model.embed_tokens.weight\" has, or --dtype=f32 "
            "or bf16 to convert all");
  EXPECT_EQ(mixed.fault(ImportType::BF16), "");
  TinyCheckpoint other;
  for (heed::TensorSpec &spec : other.tensors)
    spec.dtype = DType::F16;
  other.write();
  EXPECT_EQ(other.fault(),
            "config.json: found dtype float32, wanted float16 as the tensors "
            "of model.safetensors have, or --dtype=f32 or bf16 to convert all");
  EXPECT_EQ(other.fault(ImportType::F32), "");
  other.tensor("model.norm.weight").dtype = DType::I32;
  other.write();
  EXPECT_EQ(other.fault(ImportType::F32),
            "model.safetensors: key \"model.norm.weight\": found type I32, "
            "wanted F32, BF16 or F16");
}

} // namespace
