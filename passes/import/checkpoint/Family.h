//===- Family.h - What differs between model families -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The table of families, and what one has to say. To add a family: a line in
/// Families.def and a file with its two functions,
///
///     ModelConfig getNameDefaults();       // fields that are absent
///     void readNameFields(JsonObject &config, ModelConfig &model);
///
/// The second is called after the fields that all families share, and reads
/// the rest: what it does not read is an unknown field.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_IMPORT_CHECKPOINT_FAMILY_H
#define HEED_PASSES_IMPORT_CHECKPOINT_FAMILY_H

#include "passes/import/checkpoint/ModelConfig.h"

namespace heed {

/// One line of Families.def.
struct Family {
  llvm::StringRef type;         ///< model_type
  llvm::StringRef architecture; ///< an entry of architectures
  ModelConfig (*getDefaults)();
  void (*readFields)(JsonObject &config, ModelConfig &model);
};

#define HEED_FAMILY(NAME, TYPE, ARCHITECTURE)                                  \
  ModelConfig get##NAME##Defaults();                                           \
  void read##NAME##Fields(JsonObject &config, ModelConfig &model);
#include "passes/import/checkpoint/Families.def"
#undef HEED_FAMILY

/// Returns the family of this model_type, or null.
const Family *findFamily(llvm::StringRef type);

/// Reads an integer that null turns into 0; absent, it stays.
void readNullable(JsonObject &config, llvm::StringRef key, int64_t &result,
                  int64_t min, int64_t max);

/// Reads the windows as Qwen has them: use_sliding_window switches them on
/// (default: off), sliding_window is their width (4096), and layer_types says
/// which layers have one (those from max_window_layers on, 28).
void readLayerWindows(JsonObject &config, ModelConfig &model);

} // namespace heed

#endif // HEED_PASSES_IMPORT_CHECKPOINT_FAMILY_H
