//===- Qwen2.cpp - Qwen 2 and 2.5, biases on q, k and v -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Llama with biases on the q, k and v projections, never on the output, and
// optionally a window on the upper layers.
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Family.h"

namespace heed {

ModelConfig getQwen2Defaults() {
  ModelConfig model;
  model.vocabulary = 151936;
  model.context = 32768;
  model.hidden = 4096;
  model.intermediate = 22016;
  model.layers = 32;
  model.heads = 32;
  model.kvHeads = 32;
  model.headDim = 0;
  model.epsilon = 1e-6;
  model.qkvBias = true;
  return model;
}

void readQwen2Fields(JsonObject &config, ModelConfig &model) {
  readLayerWindows(config, model);
}

} // namespace heed
