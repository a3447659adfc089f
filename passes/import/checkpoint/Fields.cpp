//===- Fields.cpp - Rules for fields of a configuration -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Fields.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"

#include <cfloat>
#include <cstdio>
#include <cstdlib>

namespace heed {

/// Fields that change nothing about what a model computes in a forward pass.
static constexpr llvm::StringLiteral kIgnored[] = {
    // Where the file comes from.
    "_name_or_path", "transformers_version", "unsloth_version", "unsloth_fixed",
    "tokenizer_class", "name_or_path",
    // How the original implementation runs, its results being the same.
    "use_cache", "torchscript", "return_dict", "output_attentions",
    "output_hidden_states", "pretraining_tp", "use_bfloat16", "tf_legacy_loss",
    "chunk_size_feed_forward", "_attn_implementation", "attn_implementation",
    "_attn_implementation_autoset", "_flash_attn_2_enabled",
    "_experts_implementation",
    // Training.
    "initializer_range", "attention_dropout", "hidden_dropout", "resid_pdrop",
    "embd_pdrop", "attn_pdrop",
    // Special ids that text handling uses, not the model.
    "pad_token_id", "sep_token_id", "decoder_start_token_id",
    // Heads for classification, which a causal model does not have.
    "id2label", "label2id", "problem_type", "finetuning_task",
    "task_specific_params",
    // How to choose tokens, saved here by old versions.
    "max_length", "min_length", "max_new_tokens", "do_sample", "early_stopping",
    "num_beams", "num_beam_groups", "diversity_penalty", "temperature", "top_k",
    "top_p", "typical_p", "repetition_penalty", "length_penalty",
    "no_repeat_ngram_size", "encoder_no_repeat_ngram_size", "bad_words_ids",
    "num_return_sequences", "output_scores", "return_dict_in_generate",
    "forced_bos_token_id", "forced_eos_token_id", "remove_invalid_values",
    "exponential_decay_length_penalty", "suppress_tokens",
    "begin_suppress_tokens", "prefix"};

/// Fields whose presence rules a checkpoint out, and what it then is.
static constexpr struct {
  llvm::StringLiteral key;
  llvm::StringLiteral wanted;
} kRefused[] = {
    {"quantization_config",
     "none: quantised checkpoints are not supported, only f32, bf16 and f16"},
    {"compression_config",
     "none: quantised checkpoints are not supported, only f32, bf16 and f16"},
    {"num_experts", "none: mixtures of experts are not supported"},
    {"num_local_experts", "none: mixtures of experts are not supported"},
    {"n_routed_experts", "none: mixtures of experts are not supported"},
    {"num_experts_per_tok", "none: mixtures of experts are not supported"},
    {"moe_intermediate_size", "none: mixtures of experts are not supported"},
};

std::string formatNumber(double value) {
  char text[32];
  for (int digits = 6; digits <= 17; ++digits) {
    std::snprintf(text, sizeof(text), "%.*g", digits, value);
    if (std::strtod(text, nullptr) == value)
      break;
  }
  return text;
}

void readPositive(JsonObject &object, llvm::StringRef key, double &result) {
  double value = result;
  if (!object.has(key) || !object.read(key, value)) {
    object.ignore(key);
    return;
  }
  if (!(value >= FLT_MIN && value <= FLT_MAX))
    return object.fail(object.get(key)->mismatch(
        "a number above 0 within the range of float"));
  result = value;
}

void readPositive(JsonObject &object, llvm::StringRef key,
                  std::optional<double> &result) {
  double value = 0;
  readPositive(object, key, value);
  if (value > 0)
    result = value;
}

/// Says whether a value means "nothing of the kind".
static bool isNeutral(JsonValue value) {
  switch (value.kind()) {
  case JsonValue::Kind::Null:
    return true;
  case JsonValue::Kind::Boolean:
    return !*value.asBoolean();
  case JsonValue::Kind::Integer:
  case JsonValue::Kind::Real: {
    llvm::Expected<double> number = value.asNumber();
    if (number)
      return *number == 0;
    llvm::consumeError(number.takeError());
    return false;
  }
  case JsonValue::Kind::String:
    return value.asString()->empty();
  case JsonValue::Kind::Array:
    return value.asArray()->empty();
  case JsonValue::Kind::Object:
    return value.asObject()->empty();
  }
  return false;
}

void refuseByName(JsonObject &config) {
  for (const auto &refused : kRefused) {
    std::optional<JsonValue> value = config.get(refused.key);
    if (value && !isNeutral(*value))
      config.fail(value->mismatch(refused.wanted));
  }
}

void checkUnread(JsonObject &object) {
  for (const JsonMember &member : object.unread()) {
    if (llvm::is_contained(kIgnored, member.key) || isNeutral(member.value))
      continue;
    object.fail(member.value.mismatch(
        "no such field: it is unknown and may change what the model computes"));
  }
}

} // namespace heed
