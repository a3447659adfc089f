//===- Family.cpp - What differs between model families -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/Family.h"

#include "llvm/ADT/STLExtras.h"

namespace heed {

static const Family kFamilies[] = {
#define HEED_FAMILY(NAME, TYPE, ARCHITECTURE)                                  \
  {TYPE, ARCHITECTURE, get##NAME##Defaults, read##NAME##Fields},
#include "passes/import/checkpoint/Families.def"
#undef HEED_FAMILY
};

const Family *findFamily(llvm::StringRef type) {
  for (const Family &family : kFamilies)
    if (family.type == type)
      return &family;
  return nullptr;
}

std::string listFamilies() {
  std::string list;
  for (const Family &family : kFamilies)
    list += (list.empty() ? "" : ", ") + family.type.str();
  return list;
}

void readNullable(JsonObject &config, llvm::StringRef key, int64_t &result,
                  int64_t min, int64_t max) {
  std::optional<JsonValue> value = config.get(key);
  if (value && value->isNull())
    result = 0;
  config.readOptional(key, result, min, max);
}

/// Reads layer_types, one word per layer, into windows of width `window`.
static void readLayerTypes(JsonObject &config, int64_t window,
                           ModelConfig &model) {
  std::vector<std::string> types;
  config.readOptional("layer_types", types);
  JsonValue value = *config.get("layer_types");
  if (types.size() != model.windows.size())
    return config.fail(
        value.mismatch("num_hidden_layers, " + llvm::Twine(model.layers)));
  for (auto [layer, type] : llvm::enumerate(types)) {
    bool slides = type == "sliding_attention";
    if (!slides && type != "full_attention")
      return config.fail(
          value.fault("found \"" + type + "\" for layer " + llvm::Twine(layer) +
                      ", wanted full_attention or sliding_attention"));
    if (slides && !window)
      return config.fail(value.fault(
          "found sliding_attention for layer " + llvm::Twine(layer) +
          ", wanted full_attention: use_sliding_window or sliding_window "
          "switches windows off"));
    model.windows[layer] = slides ? window : 0;
  }
}

void readLayerWindows(JsonObject &config, ModelConfig &model) {
  bool isUsed = false;
  int64_t window = 4096, first = 28;
  config.readOptional("use_sliding_window", isUsed);
  readNullable(config, "sliding_window", window, 1, INT32_MAX);
  config.readOptional("max_window_layers", first, 0, INT32_MAX);
  if (!isUsed)
    window = 0;
  if (config.has("layer_types"))
    return readLayerTypes(config, window, model);
  config.ignore("layer_types");
  for (int64_t layer = first; layer < model.layers; ++layer)
    model.windows[layer] = window;
}

} // namespace heed
