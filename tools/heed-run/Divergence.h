//===- Divergence.h - How far logits are from others ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_DIVERGENCE_H
#define HEED_TOOLS_HEED_RUN_DIVERGENCE_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace heed {

/// Compares rows of logits of a model with those of a baseline.
class Divergence {
public:
  /// Counts one more row of each. REQUIRES: equal sizes, not empty.
  void add(llvm::ArrayRef<float> logits, llvm::ArrayRef<float> baseline);

  int64_t countRows() const { return rows; }
  /// The mean over rows of KL(baseline || model), in nats.
  double getKl() const { return rows ? kl / double(rows) : 0; }
  /// The share of rows whose likeliest token is the same.
  double getAgreement() const {
    return rows ? double(equal) / double(rows) : 1;
  }
  /// The largest absolute difference of two logits.
  double getMaxError() const { return maxError; }
  /// The L2 norm of all differences by that of the baseline.
  double getRelativeError() const;

private:
  int64_t rows = 0, equal = 0;
  double kl = 0, maxError = 0, differences = 0, squares = 0;
};

/// Returns the natural logarithm of the sum of exp(logits).
double getLogSumExp(llvm::ArrayRef<float> logits);

/// Returns the place of the largest logit, the first of equal ones.
int32_t getLikeliest(llvm::ArrayRef<float> logits);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_DIVERGENCE_H
