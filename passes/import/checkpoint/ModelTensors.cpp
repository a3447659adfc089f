//===- ModelTensors.cpp - Which tensor is which weight --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/ModelTensors.h"

#include "heed/Support/Error.h"

#include "llvm/ADT/StringSet.h"

namespace heed {

//===----------------------------------------------------------------------===//
// What a model has
//===----------------------------------------------------------------------===//

/// Appends the weights of one layer, in the order in which they are used.
static void listLayer(const ModelConfig &model, int64_t layer,
                      std::vector<ModelWeight> &weights) {
  const int64_t c = model.hidden, f = model.intermediate, d = model.headDim;
  const int64_t q = model.heads * d, k = model.kvHeads * d;
  std::string symbol = "l" + std::to_string(layer) + ".";
  std::string key = "model.layers." + std::to_string(layer) + ".";
  auto add = [&](bool has, llvm::StringRef name, llvm::StringRef rest,
                 std::vector<int64_t> shape, llvm::StringRef fields) {
    if (has)
      weights.push_back({symbol + name.str(), key + rest.str(),
                         std::move(shape), fields, TensorLocation()});
  };
  constexpr llvm::StringLiteral heads = "num_attention_heads x head_dim";
  constexpr llvm::StringLiteral kvHeads = "num_key_value_heads x head_dim";
  add(true, "norm1", "input_layernorm.weight", {c}, "hidden_size");
  add(true, "wq", "self_attn.q_proj.weight", {q, c},
      "num_attention_heads x head_dim, hidden_size");
  add(model.qkvBias, "bq", "self_attn.q_proj.bias", {q}, heads);
  add(true, "wk", "self_attn.k_proj.weight", {k, c},
      "num_key_value_heads x head_dim, hidden_size");
  add(model.qkvBias, "bk", "self_attn.k_proj.bias", {k}, kvHeads);
  add(true, "wv", "self_attn.v_proj.weight", {k, c},
      "num_key_value_heads x head_dim, hidden_size");
  add(model.qkvBias, "bv", "self_attn.v_proj.bias", {k}, kvHeads);
  add(model.qkNorm, "qnorm", "self_attn.q_norm.weight", {d}, "head_dim");
  add(model.qkNorm, "knorm", "self_attn.k_norm.weight", {d}, "head_dim");
  add(true, "wo", "self_attn.o_proj.weight", {c, q},
      "hidden_size, num_attention_heads x head_dim");
  add(model.outputBias, "bo", "self_attn.o_proj.bias", {c}, "hidden_size");
  add(true, "norm2", "post_attention_layernorm.weight", {c}, "hidden_size");
  add(true, "gate", "mlp.gate_proj.weight", {f, c},
      "intermediate_size, hidden_size");
  add(true, "up", "mlp.up_proj.weight", {f, c},
      "intermediate_size, hidden_size");
  add(true, "down", "mlp.down_proj.weight", {c, f},
      "hidden_size, intermediate_size");
}

std::vector<ModelWeight> listWeights(const ModelConfig &model) {
  std::vector<ModelWeight> weights;
  weights.push_back({"embed",
                     "model.embed_tokens.weight",
                     {model.vocabulary, model.hidden},
                     "vocab_size, hidden_size",
                     TensorLocation()});
  for (int64_t layer = 0; layer < model.layers; ++layer)
    listLayer(model, layer, weights);
  weights.push_back({"norm",
                     "model.norm.weight",
                     {model.hidden},
                     "hidden_size",
                     TensorLocation()});
  if (!model.tied)
    weights.push_back({"head",
                       "lm_head.weight",
                       {model.vocabulary, model.hidden},
                       "vocab_size, hidden_size",
                       TensorLocation()});
  return weights;
}

//===----------------------------------------------------------------------===//
// What a checkpoint has
//===----------------------------------------------------------------------===//

/// Returns the layer that a tensor belongs to, or -1.
static int64_t layerOf(llvm::StringRef key) {
  int64_t layer;
  if (!key.consume_front("model.layers.") || key.consumeInteger(10, layer) ||
      !key.starts_with("."))
    return -1;
  return layer;
}

/// Explains the absence of a tensor.
static llvm::Error missing(const ModelConfig &model,
                           const Checkpoint &checkpoint,
                           const ModelWeight &weight) {
  int64_t layer = layerOf(weight.key), last = -1;
  for (const TensorLocation &at : checkpoint.tensors())
    last = std::max(last, layerOf(at.tensor->name));
  if (layer > last)
    return makeError(checkpoint.path() + ": found tensors of " +
                     llvm::Twine(last + 1) +
                     " layers, wanted num_hidden_layers " +
                     llvm::Twine(model.layers) + " of " + model.file);
  std::string note =
      weight.symbol == "head"
          ? " because tie_word_embeddings is false in " + model.file
          : "";
  return makeError(checkpoint.path() + ": key " + quote(weight.key) +
                   ": found nothing, wanted a tensor of shape " +
                   printShape(weight.shape) + note);
}

static llvm::Error checkTensor(const ModelConfig &model,
                               const ModelWeight &weight) {
  const TensorEntry &tensor = *weight.source.tensor;
  std::string where =
      (weight.source.file->path() + ": key " + quote(weight.key)).str();
  if (tensor.shape != weight.shape)
    return makeError(where + ": found shape " + printShape(tensor.shape) +
                     ", wanted " + printShape(weight.shape) + " (" +
                     weight.fields + " of " + model.file + ")");
  if (tensor.dtype != DType::F32 && tensor.dtype != DType::BF16 &&
      tensor.dtype != DType::F16)
    return makeError(where + ": found type " + dtypeName(tensor.dtype) +
                     ", wanted F32, BF16 or F16");
  return llvm::Error::success();
}

/// Says whether a tensor that no weight comes from does no harm: old versions
/// of the original stored the rotary frequencies.
static bool isDerived(llvm::StringRef key) {
  return key.ends_with("rotary_emb.inv_freq");
}

/// Explains why a tensor should not be there.
static llvm::Error surplus(const ModelConfig &model,
                           const TensorLocation &found) {
  llvm::StringRef key = found.tensor->name;
  std::string where = (found.file->path() + ": key " + quote(key)).str();
  if (key == "lm_head.weight")
    return makeError(where +
                     ": found a tensor, wanted none because "
                     "tie_word_embeddings is true in " +
                     model.file);
  if (layerOf(key) >= model.layers)
    return makeError(where + ": found layer " + llvm::Twine(layerOf(key)) +
                     ", wanted num_hidden_layers " + llvm::Twine(model.layers) +
                     " of " + model.file);
  return makeError(where + ": found a tensor that model type " +
                   quote(model.family) + " does not have, wanted none");
}

llvm::Expected<std::vector<ModelWeight>>
matchTensors(const ModelConfig &model, const Checkpoint &checkpoint) {
  std::vector<ModelWeight> weights = listWeights(model);
  llvm::StringSet<> used;
  for (ModelWeight &weight : weights) {
    if (!checkpoint.contains(weight.key))
      return missing(model, checkpoint, weight);
    weight.source = llvm::cantFail(checkpoint.find(weight.key));
    if (llvm::Error error = checkTensor(model, weight))
      return std::move(error);
    used.insert(weight.key);
  }
  for (const TensorLocation &found : checkpoint.tensors())
    if (!used.contains(found.tensor->name) && !isDerived(found.tensor->name))
      return surplus(model, found);
  return weights;
}

/// Returns the word of the configuration for an element type.
static llvm::StringRef configName(DType type) {
  return type == DType::F32    ? "float32"
         : type == DType::BF16 ? "bfloat16"
                               : "float16";
}

llvm::Expected<DType> chooseType(const ModelConfig &model,
                                 llvm::ArrayRef<ModelWeight> weights,
                                 ImportType wanted) {
  if (wanted == ImportType::F32)
    return DType::F32;
  if (wanted == ImportType::BF16)
    return DType::BF16;
  const TensorLocation &first = weights.front().source;
  DType type = first.tensor->dtype;
  for (const ModelWeight &weight : weights)
    if (weight.source.tensor->dtype != type)
      return makeError(weight.source.file->path() + ": key " +
                       quote(weight.key) + ": found type " +
                       dtypeName(weight.source.tensor->dtype) + ", wanted " +
                       dtypeName(type) + " as " + quote(weights.front().key) +
                       " has, or --dtype=f32 or bf16 to convert all");
  if (!model.dtype.empty() && model.dtype != configName(type))
    return makeError(model.file + ": found dtype " + model.dtype + ", wanted " +
                     configName(type) + " as the tensors of " +
                     first.file->path() +
                     " have, or --dtype=f32 or bf16 to convert all");
  return type;
}

} // namespace heed
