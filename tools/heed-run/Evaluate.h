//===- Evaluate.h - Bits per byte of a text ---------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Scores a text in windows, such that what a rewrite does to either phase is
/// seen. A window is C tokens; each is predicted from those before it in the
/// window, the first from the model's start id. The inputs of the first C/2
/// predictions enter through prefill, every later one by decode, so the two
/// halves are scores of the two phases:
///
///     input    start t0 t1 ... t510 | t511 t512 ... t1022
///     predicts    t0 t1 t2 ... t511 | t512 t513 ... t1023
///                 prefill           | decode, one by one
///
/// A model without a start id reads the first token of each window unscored.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_EVALUATE_H
#define HEED_TOOLS_HEED_RUN_EVALUATE_H

#include "tools/heed-run/Divergence.h"
#include "tools/heed-run/Session.h"

namespace heed {

struct EvalOptions {
  int64_t window = 1024; ///< C, even.
  int64_t windows = 0;   ///< So many, spread over the text; 0: all.
  int64_t batch = 8;     ///< Windows that run side by side.
};

/// A text as tokens.
struct EvalText {
  std::vector<int32_t> ids;
  std::vector<int32_t> bytes; ///< How many bytes each token stands for.
};

/// The score of one half of all windows.
struct HalfScore {
  int64_t tokens = 0;
  int64_t bytes = 0;
  double bits = 0; ///< -log2 of the probability of all tokens.
  Divergence divergence;

  double getBitsPerByte() const { return bytes ? bits / double(bytes) : 0; }
};

struct EvalScore {
  int64_t windows = 0;
  HalfScore prefill, decode;
};

/// Scores `text`. With a `baseline`, also how far the model's predictions are
/// from those of the baseline. Fails if the text is shorter than a window.
llvm::Expected<EvalScore> evaluate(Session &model, Session *baseline,
                                   const EvalText &text,
                                   const EvalOptions &options);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_EVALUATE_H
