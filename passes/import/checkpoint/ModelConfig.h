//===- ModelConfig.h - What config.json says of a model ---------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads the configuration of a checkpoint, strictly: every field is typed,
/// known, and either used, listed as without influence on inference, or at a
/// neutral value (null, false, 0, empty). Everything else is an error of one
/// line that names file, field, what was found and what was wanted.
///
/// Where a field is absent, the original implementation's default for the
/// family holds; the file of the family (Llama.cpp, ...) states it.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_IMPORT_CHECKPOINT_MODELCONFIG_H
#define HEED_PASSES_IMPORT_CHECKPOINT_MODELCONFIG_H

#include "passes/import/checkpoint/Rotary.h"

#include "heed/Support/Json.h"

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace heed {

/// Activation functions that a feed-forward block may have.
enum class ConfigActivation { Silu, Gelu, GeluTanh, Relu };

/// A decoder of one of the families of Families.def, checked for consistency.
struct ModelConfig {
  /// The file that was read, for messages.
  std::string file;
  /// The model_type of the family, "llama".
  std::string family;

  int64_t vocabulary = 0;   ///< vocab_size
  int64_t context = 0;      ///< max_position_embeddings
  int64_t hidden = 0;       ///< hidden_size
  int64_t intermediate = 0; ///< intermediate_size
  int64_t layers = 0;       ///< num_hidden_layers
  int64_t heads = 0;        ///< num_attention_heads
  int64_t kvHeads = 0;      ///< num_key_value_heads; 0: as many as heads
  int64_t headDim = 0;      ///< head_dim; 0: hidden_size / heads
  double epsilon = 1e-6;    ///< rms_norm_eps
  bool tied = false;        ///< tie_word_embeddings

  bool qkvBias = false;    ///< biases of the q, k and v projections
  bool outputBias = false; ///< bias of the output projection
  bool qkNorm = false;     ///< norms of the rows of q and k
  ConfigActivation activation = ConfigActivation::Silu; ///< hidden_act
  RotaryConfig rotary;

  /// The window of each layer: a token sees so many, itself included; 0: all.
  std::vector<int64_t> windows;
  /// The id that begins a text (bos_token_id), where one is given.
  std::optional<int32_t> startId;
  /// The ids that end a text; may be empty.
  std::vector<int32_t> stopIds;
  /// dtype, or torch_dtype: "float32", "bfloat16", "float16"; empty if absent.
  std::string dtype;
};

/// Reads a configuration from the root of its document.
llvm::Expected<ModelConfig> readModelConfig(JsonValue root);

/// Replaces start and stop ids by those of a generation_config.json; what it
/// does not give stays.
llvm::Error readGenerationConfig(JsonValue root, ModelConfig &model);

/// Reads config.json and, if there is one, generation_config.json of a
/// checkpoint's directory. Refuses the directory of an adapter.
llvm::Expected<ModelConfig> openModelConfig(llvm::StringRef directory);

/// Lists the model types that can be imported: "llama, mistral, ...".
std::string listFamilies();

} // namespace heed

#endif // HEED_PASSES_IMPORT_CHECKPOINT_MODELCONFIG_H
