//===- ModelConfig.cpp - What config.json says of a model -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/ModelConfig.h"
#include "passes/import/checkpoint/Family.h"
#include "passes/import/checkpoint/Fields.h"

#include "heed/Support/Error.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace heed {

/// Far above any model, and small enough that no product of two overflows.
static constexpr int64_t kMaxSize = 1 << 24;
static constexpr int64_t kMaxLayers = 10000;

/// Reads model_type and checks that architectures agrees with it.
static const Family *readFamily(JsonObject &config) {
  std::string type;
  if (!config.read("model_type", type))
    return nullptr;
  const Family *family = findFamily(type);
  if (!family) {
    config.fail(config.get("model_type")->mismatch("one of " + listFamilies()));
    return nullptr;
  }
  std::vector<std::string> classes;
  config.readOptional("architectures", classes);
  if (!classes.empty() && !llvm::is_contained(classes, family->architecture))
    config.fail(config.get("architectures")
                    ->fault("found " + quote(classes.front()) + ", wanted " +
                            family->architecture));
  return family;
}

static void readSizes(JsonObject &config, ModelConfig &model) {
  config.readOptional("vocab_size", model.vocabulary, 1, INT32_MAX);
  config.readOptional("max_position_embeddings", model.context, 1, INT32_MAX);
  config.readOptional("hidden_size", model.hidden, 1, kMaxSize);
  config.readOptional("intermediate_size", model.intermediate, 1, kMaxSize);
  config.readOptional("num_hidden_layers", model.layers, 1, kMaxLayers);
  config.readOptional("num_attention_heads", model.heads, 1, kMaxSize);
  readNullable(config, "num_key_value_heads", model.kvHeads, 1, kMaxSize);
  readNullable(config, "head_dim", model.headDim, 1, kMaxSize);
  readPositive(config, "rms_norm_eps", model.epsilon);
  config.readOptional("tie_word_embeddings", model.tied);
}

/// Fills in what follows from other sizes, and checks them against each other.
static void completeSizes(JsonObject &config, ModelConfig &model) {
  auto contradict = [&](llvm::StringRef first, int64_t a,
                        llvm::StringRef second, int64_t b,
                        llvm::StringRef wanted) {
    config.fail(config.value().fault("found " + first + " " + llvm::Twine(a) +
                                     " and " + second + " " + llvm::Twine(b) +
                                     ", wanted " + wanted));
  };
  if (!model.kvHeads)
    model.kvHeads = model.heads;
  if (model.heads % model.kvHeads)
    contradict("num_attention_heads", model.heads, "num_key_value_heads",
               model.kvHeads, "the second to divide the first");
  if (!model.headDim) {
    if (model.hidden % model.heads)
      contradict("hidden_size", model.hidden, "num_attention_heads",
                 model.heads, "the second to divide the first, or head_dim");
    model.headDim = model.hidden / model.heads;
  }
  if (model.headDim % 2 || !model.headDim)
    config.fail(config.value().fault(
        "found heads of width " + llvm::Twine(model.headDim) +
        " (head_dim, or hidden_size / num_attention_heads), wanted an even "
        "number to rotate"));
}

static void readActivation(JsonObject &config, ModelConfig &model) {
  std::string name = "silu";
  config.readOptional("hidden_act", name);
  auto known =
      llvm::StringSwitch<std::optional<ConfigActivation>>(name)
          .Cases({"silu", "swish"}, ConfigActivation::Silu)
          .Case("gelu", ConfigActivation::Gelu)
          .Cases({"gelu_new", "gelu_pytorch_tanh"}, ConfigActivation::GeluTanh)
          .Case("relu", ConfigActivation::Relu)
          .Default(std::nullopt);
  if (!known)
    return config.fail(
        config.get("hidden_act")
            ->mismatch("one of silu, gelu, gelu_new, gelu_pytorch_tanh, relu"));
  model.activation = *known;
}

static void readType(JsonObject &config, ModelConfig &model) {
  std::string old;
  config.readOptional("torch_dtype", old);
  model.dtype = old;
  config.readOptional("dtype", model.dtype);
  llvm::StringRef key = config.has("dtype") ? "dtype" : "torch_dtype";
  if (!old.empty() && model.dtype != old)
    return config.fail(
        config.get(key)->mismatch("torch_dtype's " + quote(old)));
  if (!llvm::is_contained({"", "float32", "bfloat16", "float16"}, model.dtype))
    config.fail(config.get(key)->mismatch("float32, bfloat16 or float16"));
}

/// Checks that `id`, which stands in `value`, is in the vocabulary.
static bool checkId(JsonObject &object, JsonValue value, int64_t id,
                    const ModelConfig &model) {
  if (id >= 0 && id < model.vocabulary)
    return true;
  object.fail(value.fault("found id " + llvm::Twine(id) +
                          ", wanted one from 0 to " +
                          llvm::Twine(model.vocabulary - 1) + " (vocab_size " +
                          llvm::Twine(model.vocabulary) + ")"));
  return false;
}

/// Reads bos_token_id; null and absence mean that there is none.
static void readStartId(JsonObject &object, ModelConfig &model) {
  std::optional<int64_t> id;
  object.readOptional("bos_token_id", id);
  if (id && checkId(object, *object.get("bos_token_id"), *id, model))
    model.startId = static_cast<int32_t>(*id);
}

/// Reads eos_token_id, one id or a list of them, where it is given; null means
/// that there is none.
static void readStopIds(JsonObject &object, ModelConfig &model) {
  std::optional<JsonValue> value = object.get("eos_token_id");
  if (!value)
    return;
  std::vector<int64_t> ids;
  if (value->kind() == JsonValue::Kind::Array)
    object.read("eos_token_id", ids);
  else if (!value->isNull() && !object.read("eos_token_id", ids.emplace_back()))
    return;
  model.stopIds.clear();
  for (int64_t id : ids) {
    if (!checkId(object, *value, id, model))
      return;
    model.stopIds.push_back(static_cast<int32_t>(id));
  }
}

llvm::Expected<ModelConfig> readModelConfig(JsonValue root) {
  JsonObject config(root);
  refuseByName(config);
  const Family *family = readFamily(config);
  if (llvm::Error error = config.takeError())
    return std::move(error);
  ModelConfig model = family->getDefaults();
  model.family = family->type.str();
  readSizes(config, model);
  completeSizes(config, model);
  model.windows.assign(model.layers, 0);
  readActivation(config, model);
  readType(config, model);
  readRotary(config, model.context, model.rotary);
  // The default of the family, where the vocabulary has it.
  llvm::erase_if(model.stopIds,
                 [&](int32_t id) { return id >= model.vocabulary; });
  readStopIds(config, model);
  readStartId(config, model);
  family->readFields(config, model);
  checkUnread(config);
  if (llvm::Error error = config.takeError())
    return std::move(error);
  return model;
}

llvm::Error readGenerationConfig(JsonValue root, ModelConfig &model) {
  JsonObject object(root);
  if (root.kind() == JsonValue::Kind::Object && object.has("eos_token_id"))
    readStopIds(object, model);
  readStartId(object, model);
  return object.takeError();
}

llvm::Expected<ModelConfig> openModelConfig(llvm::StringRef directory) {
  auto inside = [&](llvm::StringRef name) {
    llvm::SmallString<128> path(directory);
    llvm::sys::path::append(path, name);
    return path.str().str();
  };
  if (!llvm::sys::fs::is_directory(directory))
    return makeError(directory + ": found no directory, wanted one with "
                                 "config.json and safetensors files");
  if (llvm::sys::fs::exists(inside("adapter_config.json")))
    return makeError(inside("adapter_config.json") +
                     ": found an adapter, wanted a whole model: adapters are "
                     "not supported, merge it into its base model first");
  llvm::Expected<JsonDocument> document =
      JsonDocument::open(inside("config.json"));
  if (!document)
    return document.takeError();
  llvm::Expected<ModelConfig> model = readModelConfig(document->root());
  if (!model)
    return model.takeError();
  model->file = inside("config.json");
  std::string generation = inside("generation_config.json");
  if (!llvm::sys::fs::exists(generation))
    return model;
  llvm::Expected<JsonDocument> chosen = JsonDocument::open(generation);
  if (!chosen)
    return chosen.takeError();
  if (llvm::Error error = readGenerationConfig(chosen->root(), *model))
    return std::move(error);
  return model;
}

} // namespace heed
