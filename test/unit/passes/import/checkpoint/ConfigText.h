//===- ConfigText.h - Configurations for tests ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_IMPORT_CHECKPOINT_CONFIGTEXT_H
#define HEED_TEST_UNIT_PASSES_IMPORT_CHECKPOINT_CONFIGTEXT_H

#include "passes/import/checkpoint/ModelConfig.h"

#include "gtest/gtest.h"

namespace heed {

/// Reads the text of a config.json; gives the error's text if there is one.
inline llvm::Expected<ModelConfig> readText(const std::string &text) {
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(text, "config.json");
  if (!document)
    return document.takeError();
  return readModelConfig(document->root());
}

/// Reads a configuration with these members; the test fails if that fails.
inline ModelConfig readMembers(const std::string &members) {
  llvm::Expected<ModelConfig> model = readText("{" + members + "}");
  if (model)
    return std::move(*model);
  ADD_FAILURE() << members << "\n  " << llvm::toString(model.takeError());
  return ModelConfig();
}

/// Returns the error for these members; "" if there is none.
inline std::string faultOf(const std::string &members) {
  llvm::Expected<ModelConfig> model = readText("{" + members + "}");
  return model ? "" : llvm::toString(model.takeError());
}

} // namespace heed

#endif // HEED_TEST_UNIT_PASSES_IMPORT_CHECKPOINT_CONFIGTEXT_H
