//===- Mistral.cpp - Mistral, a window on every layer ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Llama without biases, with a sliding window on all layers: 4096 tokens where
// sliding_window is absent, none where it is null.
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Family.h"

namespace heed {

ModelConfig getMistralDefaults() {
  ModelConfig model;
  model.vocabulary = 32000;
  model.context = 131072;
  model.hidden = 4096;
  model.intermediate = 14336;
  model.layers = 32;
  model.heads = 32;
  model.kvHeads = 8;
  model.headDim = 0;
  model.epsilon = 1e-6;
  model.stopIds = {2};
  return model;
}

void readMistralFields(JsonObject &config, ModelConfig &model) {
  int64_t window = 4096;
  readNullable(config, "sliding_window", window, 1, INT32_MAX);
  for (int64_t &layer : model.windows)
    layer = window;
}

} // namespace heed
