//===- Llama.cpp - Llama, the plain decoder -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Grouped-query attention, RMS norms, a gated feed-forward block, all rotary
// types. attention_bias adds biases to all four projections.
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Family.h"

namespace heed {

ModelConfig getLlamaDefaults() {
  ModelConfig model;
  model.vocabulary = 32000;
  model.context = 2048;
  model.hidden = 4096;
  model.intermediate = 11008;
  model.layers = 32;
  model.heads = 32;
  model.kvHeads = 0;
  model.headDim = 0;
  model.epsilon = 1e-6;
  model.stopIds = {2};
  return model;
}

void readLlamaFields(JsonObject &config, ModelConfig &model) {
  bool hasBias = false;
  config.readOptional("attention_bias", hasBias);
  model.qkvBias = model.outputBias = hasBias;
  bool hasFfnBias = false;
  config.readOptional("mlp_bias", hasFfnBias);
  if (hasFfnBias)
    config.fail(
        config.get("mlp_bias")
            ->mismatch(
                "false: biases in the feed-forward block are not supported"));
}

} // namespace heed
