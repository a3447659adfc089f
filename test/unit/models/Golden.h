//===- Golden.h - What the original computes --------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads the goldens of test/models/golden: for a checkpoint, a prompt and the
/// greedy path behind it, and the logits that follow each of its tokens.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_MODELS_GOLDEN_H
#define HEED_TEST_UNIT_MODELS_GOLDEN_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

/// Logits are rows of vocabulary numbers, one behind each token but the last.
struct Golden {
  std::string name;
  std::string folder;
  std::vector<int32_t> ids;
  int64_t prompt = 0;
  /// What the logits are measured against: those of double precision, for a
  /// checkpoint in bfloat16 those of single precision.
  std::vector<double> exact;
  /// What the original computes in the precision of the checkpoint.
  std::vector<double> original;
  bool isHalf = false;

  int64_t steps() const { return int64_t(ids.size()) - 1; }
};

/// Lists the checkpoints that have goldens, sorted.
std::vector<std::string> listGoldens();

llvm::Expected<Golden> readGolden(llvm::StringRef name);

/// How far numbers are from others.
struct Distance {
  double maximum = 0;  ///< Largest absolute difference.
  double relative = 0; ///< L2 norm of the difference by that of `wanted`.
};
Distance measure(llvm::ArrayRef<double> found, llvm::ArrayRef<double> wanted);

/// Returns the place of the largest number, the first of equal ones.
int32_t chooseGreedily(llvm::ArrayRef<double> logits);

} // namespace heed

#endif // HEED_TEST_UNIT_MODELS_GOLDEN_H
