//===- AttentionModule.h - A layer's attention under test -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The attention of a decoder layer, cache and all, as a model of its own.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_ATTENTIONMODULE_H
#define HEED_TEST_UNIT_PASSES_LOWER_ATTENTIONMODULE_H

#include "test/unit/passes/lower/StepModule.h"

namespace heed {

struct AttentionOptions {
  int64_t queryHeads = 4;
  int64_t keyHeads = 2;
  int64_t width = 8;          ///< Of a head.
  std::string rate = "token"; ///< Of the cache's fields.
  std::string mask = "<causal>";
  std::string tail = "";             ///< Text behind the scale.
  std::optional<int64_t> parts = {}; ///< See StepModule::splitStreams.
};

/// Compares the attention with the reference over `plans`.
void expectAttention(std::string type, const AttentionOptions &options,
                     llvm::ArrayRef<StepPlan> plans, int64_t capacity = 64);

} // namespace heed

#endif // HEED_TEST_UNIT_PASSES_LOWER_ATTENTIONMODULE_H
