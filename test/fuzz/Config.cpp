//===- Config.cpp - Fuzzes the reader of configurations -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/import/checkpoint/ModelConfig.h"

#include <cmath>
#include <cstdlib>

using namespace heed;

/// Ends the process unless the error, if any, is one line.
static bool hasFailed(llvm::Error error) {
  if (!error)
    return false;
  if (llvm::toString(std::move(error)).find('\n') != std::string::npos)
    std::abort();
  return true;
}

/// Says whether everything holds that the importer relies on.
static bool isSound(const ModelConfig &model) {
  bool sound = model.vocabulary > 0 && model.layers > 0 &&
               model.heads % model.kvHeads == 0 && model.headDim % 2 == 0 &&
               model.headDim > 0 && float(model.epsilon) > 0 &&
               model.windows.size() == size_t(model.layers);
  for (int64_t window : model.windows)
    sound &= window >= 0;
  for (int32_t id : model.stopIds)
    sound &= id >= 0 && id < model.vocabulary;
  if (model.startId)
    sound &= *model.startId >= 0 && *model.startId < model.vocabulary;
  if (model.headDim <= 4096)
    for (float value : getInverseFrequencies(model.rotary, model.headDim))
      sound &= std::isfinite(value) && value >= 0;
  return sound && std::isfinite(getAmplitude(model.rotary));
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(
      std::string(reinterpret_cast<const char *>(data), size), "f");
  if (!document) {
    hasFailed(document.takeError());
    return 0;
  }
  llvm::Expected<ModelConfig> model = readModelConfig(document->root());
  if (!model) {
    hasFailed(model.takeError());
    return 0;
  }
  if (!isSound(*model))
    std::abort();
  // The same text as the other file of a checkpoint.
  hasFailed(readGenerationConfig(document->root(), *model));
  if (!isSound(*model))
    std::abort();
  return 0;
}
