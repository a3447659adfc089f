//===- Sampler.h - Choosing the next token ----------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_SAMPLER_H
#define HEED_TOOLS_HEED_RUN_SAMPLER_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <random>

namespace heed {

/// How a token is chosen from logits.
struct SamplerOptions {
  double temperature = 0; ///< Divides the logits; 0: always the likeliest.
  double topP = 1; ///< Only the likeliest tokens that together have so much.
  uint64_t seed = 0;
};

/// Chooses tokens of one sequence. The same options, sequence and logits choose
/// the same tokens on every machine.
class Sampler {
public:
  /// `sequence` makes those of a batch differ.
  Sampler(const SamplerOptions &options, uint64_t sequence);

  /// Returns the next id; of equally likely ones the smaller comes first. Fails
  /// if a logit is NaN or +infinity, or all are -infinity.
  llvm::Expected<int32_t> choose(llvm::ArrayRef<float> logits);

private:
  int32_t draw(llvm::ArrayRef<float> logits, float highest);

  SamplerOptions options;
  std::mt19937_64 random;
};

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_SAMPLER_H
