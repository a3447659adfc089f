//===- Schedules.h - Many ways to run the same tokens -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs tokens through a model in chunks, one by one or several sequences at
/// once, and collects the logits that follow each token.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_MODELS_SCHEDULES_H
#define HEED_TEST_UNIT_MODELS_SCHEDULES_H

#include "test/unit/models/Session.h"

#include "llvm/ADT/ArrayRef.h"

#include <string>
#include <vector>

namespace heed {

/// How the tokens of one sequence enter: the first `prefilled` in chunks of
/// `chunk`, the others one by one, by decode.
struct Schedule {
  std::string name;
  int64_t prefilled;
  int64_t chunk;
};

/// Returns the schedules worth trying for `tokens` tokens: one call, chunks
/// that do and do not divide a window of 24, single tokens, then decode.
std::vector<Schedule> listSchedules(int64_t tokens);

/// Runs `ids` in `slot`, which must be empty, and returns the logits behind
/// each of them.
llvm::Expected<std::vector<double>> runSequence(Session &session,
                                                llvm::ArrayRef<int32_t> ids,
                                                const Schedule &schedule,
                                                int32_t slot = 0);

/// One sequence of a batch: the first `prompt` of `ids` enter by prefill.
struct BatchEntry {
  llvm::ArrayRef<int32_t> ids;
  int64_t prompt;
  int32_t slot;
};

/// Runs sequences together: one prefill of all prompts, padded on the left,
/// then decode until all have ended; a sequence that has ended is given
/// padding. Returns the logits of each as runSequence does.
llvm::Expected<std::vector<std::vector<double>>>
runBatch(Session &session, llvm::ArrayRef<BatchEntry> entries);

} // namespace heed

#endif // HEED_TEST_UNIT_MODELS_SCHEDULES_H
