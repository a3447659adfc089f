//===- Attention.h - Softmax attention in plain loops -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What `attn.attention`, `attn.attention_partial` and `attn.merge` mean. The
/// records of the dialect hold the formulas and the shapes; nothing is checked
/// here. All arithmetic is in double.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_REFERENCE_ATTENTION_H
#define HEED_REFERENCE_ATTENTION_H

#include "heed/Reference/AttentionMask.h"
#include "heed/Reference/Tensor.h"

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/SmallVector.h"

#include <optional>

namespace heed::reference {

/// One list of keys. Positions and segments are null where there are none.
struct KeySegment {
  const Tensor *keys = nullptr;
  const Tensor *values = nullptr;
  const Tensor *positions = nullptr;
  const Tensor *segments = nullptr;
};

/// The scores of one query with the keys that it sees.
struct ScoreRow {
  int64_t sequence, head;
  double queryPosition;
  llvm::ArrayRef<double> keyPositions;
  llvm::MutableArrayRef<double> scores;
};

/// Changes the scores of a row; returns false to give up.
using ScoreFunction = llvm::function_ref<bool(ScoreRow row)>;

struct AttentionInputs {
  const Tensor *query = nullptr;
  llvm::SmallVector<KeySegment> segments;
  const Tensor *queryPositions = nullptr;
  const Tensor *querySegments = nullptr;
  AttentionMask mask;
  double scale = 1;
  std::optional<double> softcap;
  std::optional<ScoreFunction> score;
};

/// Numerator, maximum and sum of the softmax, not rounded.
struct AttentionParts {
  Tensor numerator, maximum, sum;

  /// Returns numerator / sum, zeros where a query saw no key.
  Tensor output(Element element) const;
  /// Returns maximum + log(sum) as f32, -inf where a query saw no key.
  Tensor logSumExp() const;
};

/// Computes the parts; nothing if the score function gave up. A key whose
/// score is -inf counts as one that is not seen.
std::optional<AttentionParts> attend(const AttentionInputs &inputs);

/// An output with its log-sum-exp.
struct Attended {
  const Tensor *output = nullptr;
  const Tensor *lse = nullptr;
};

/// Merges attentions of the same queries to disjoint keys; writes the merged
/// log-sum-exp to `lse`.
Tensor mergeAttention(llvm::ArrayRef<Attended> parts, Tensor &lse);

} // namespace heed::reference

#endif // HEED_REFERENCE_ATTENTION_H
