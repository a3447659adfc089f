//===- Qwen3.cpp - Qwen 3, norms on q and k -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Llama with an RMS norm over each head of q and k before they are rotated,
// heads of 128 whatever the hidden size, and optionally a window on the upper
// layers. attention_bias adds biases to all four projections.
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Family.h"

namespace heed {

ModelConfig getQwen3Defaults() {
  ModelConfig model;
  model.vocabulary = 151936;
  model.context = 32768;
  model.hidden = 4096;
  model.intermediate = 22016;
  model.layers = 32;
  model.heads = 32;
  model.kvHeads = 32;
  model.headDim = 128;
  model.epsilon = 1e-6;
  model.qkNorm = true;
  return model;
}

void readQwen3Fields(JsonObject &config, ModelConfig &model) {
  bool hasBias = false;
  config.readOptional("attention_bias", hasBias);
  model.qkvBias = model.outputBias = hasBias;
  readLayerWindows(config, model);
}

} // namespace heed
