//===- MaskCost.h - Pairs that a mask lets through --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Counts pairs of queries and keys, and the keys that some query sees, in
/// closed form for contiguous positions.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_COST_MASKCOST_H
#define HEED_COST_MASKCOST_H

#include "heed/Reference/AttentionMask.h"

#include <cstdint>

namespace heed {

/// Positions `begin` to `end`, the latter not included; empty if not below it.
struct PositionRange {
  int64_t begin = 0;
  int64_t end = 0;

  int64_t size() const { return end > begin ? end - begin : 0; }
};

/// Counts the pairs (query, key) of one head that `mask` lets through, all in
/// one segment. REQUIRES: no range begins below 0.
int64_t countVisiblePairs(const AttentionMask &mask, int64_t head,
                          PositionRange queries, PositionRange keys);

/// Counts the keys that at least one query of heads `firstHead` to
/// `firstHead + heads` sees.
int64_t countVisibleKeys(const AttentionMask &mask, int64_t firstHead,
                         int64_t heads, PositionRange queries,
                         PositionRange keys);

} // namespace heed

#endif // HEED_COST_MASKCOST_H
