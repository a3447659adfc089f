//===- Divergence.cpp - How far logits are from others --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Divergence.h"

#include <algorithm>
#include <cmath>

namespace heed {

double getLogSumExp(llvm::ArrayRef<float> logits) {
  double highest = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (float logit : logits)
    sum += std::exp(double(logit) - highest);
  return highest + std::log(sum);
}

int32_t getLikeliest(llvm::ArrayRef<float> logits) {
  return int32_t(std::max_element(logits.begin(), logits.end()) -
                 logits.begin());
}

void Divergence::add(llvm::ArrayRef<float> logits,
                     llvm::ArrayRef<float> baseline) {
  double ours = getLogSumExp(logits), theirs = getLogSumExp(baseline);
  for (size_t i = 0; i < logits.size(); ++i) {
    double logP = double(baseline[i]) - theirs;
    double logQ = double(logits[i]) - ours;
    double p = std::exp(logP);
    if (p > 0)
      kl += p * (logP - logQ);
    double difference =
        logits[i] == baseline[i] ? 0 : double(logits[i]) - double(baseline[i]);
    maxError = std::max(maxError, std::fabs(difference));
    differences += difference * difference;
    squares += double(baseline[i]) * double(baseline[i]);
  }
  equal += getLikeliest(logits) == getLikeliest(baseline);
  ++rows;
}

double Divergence::getRelativeError() const {
  return squares > 0 ? std::sqrt(differences / squares)
                     : std::sqrt(differences);
}

} // namespace heed
