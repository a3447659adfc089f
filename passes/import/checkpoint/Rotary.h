//===- Rotary.h - Frequencies of rotary embeddings --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads the rotary parameters of a configuration in both spellings and turns
/// them into frequencies.
///
/// The old spelling has rope_theta and rope_scaling at the top level, the new
/// one holds everything in rope_parameters. Types whose frequencies depend on
/// the current length (dynamic, longrope) are refused by name: a compiled
/// model rotates a token once, when it is appended.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_IMPORT_CHECKPOINT_ROTARY_H
#define HEED_PASSES_IMPORT_CHECKPOINT_ROTARY_H

#include "heed/Support/Json.h"

#include <cstdint>
#include <optional>
#include <vector>

namespace heed {

enum class RotaryType { Default, Linear, Llama3, Yarn };

/// Rotary parameters; what a type does not use keeps its default.
struct RotaryConfig {
  RotaryType type = RotaryType::Default;
  double theta = 10000.0;           ///< rope_theta
  double factor = 1.0;              ///< all but default
  double lowFrequencyFactor = 1.0;  ///< llama3: low_freq_factor
  double highFrequencyFactor = 4.0; ///< llama3: high_freq_factor
  /// llama3, yarn: original_max_position_embeddings; yarn takes
  /// max_position_embeddings where it is absent.
  int64_t originalContext = 0;
  double betaFast = 32.0;                ///< yarn: beta_fast
  double betaSlow = 1.0;                 ///< yarn: beta_slow
  bool truncate = true;                  ///< yarn: truncate
  std::optional<double> attentionFactor; ///< yarn: attention_factor
  std::optional<double> mscale;          ///< yarn: mscale
  std::optional<double> mscaleAllDim;    ///< yarn: mscale_all_dim
};

/// Reads the rotary fields of `config` for a model whose
/// max_position_embeddings is `context`. Errors are kept by `config`.
void readRotary(JsonObject &config, int64_t context, RotaryConfig &rotary);

/// Computes the frequencies of heads of width `headDim`, headDim / 2 of them.
///
/// Every step is rounded to float as the original does: its weights were
/// trained with those numbers.
std::vector<float> getInverseFrequencies(const RotaryConfig &rotary,
                                         int64_t headDim);

/// Computes the factor that rotated rows are multiplied by: 1 except for yarn.
double getAmplitude(const RotaryConfig &rotary);

} // namespace heed

#endif // HEED_PASSES_IMPORT_CHECKPOINT_ROTARY_H
