//===- MaskCost.cpp - Pairs that a mask lets through ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Cost/MaskCost.h"

#include <algorithm>

namespace heed {

static PositionRange intersect(PositionRange a, PositionRange b) {
  return {std::max(a.begin, b.begin), std::min(a.end, b.end)};
}

/// Returns 0 + 1 + ... + (n - 1); 0 for n below 1.
static int64_t sumBelow(int64_t n) { return n > 0 ? n * (n - 1) / 2 : 0; }

/// Counts the pairs of a query at p + shift, p in `queries`, and a key of
/// `keys` that is not behind it.
static int64_t countCausal(PositionRange queries, int64_t shift,
                           PositionRange keys) {
  int64_t length = keys.size();
  if (length == 0 || queries.size() == 0)
    return 0;
  // Query p sees clamp(p + shift + 1 - begin, 0, length) keys: a ramp.
  int64_t first = queries.begin + shift + 1 - keys.begin;
  int64_t last = queries.end + shift - keys.begin; // Of the last query.
  int64_t rampFirst = std::max<int64_t>(first, 0);
  int64_t rampLast = std::min(last, length);
  int64_t pairs = 0;
  if (rampLast >= rampFirst)
    pairs += sumBelow(rampLast + 1) - sumBelow(rampFirst);
  int64_t full = last - std::max(first, length + 1) + 1;
  return pairs + std::max<int64_t>(full, 0) * length;
}

int64_t countVisiblePairs(const AttentionMask &mask, int64_t head,
                          PositionRange queries, PositionRange keys) {
  if (!mask.causal)
    return queries.size() * keys.size();
  int64_t prefix = mask.prefixOf(head);
  int64_t pairs = queries.size() * intersect(keys, {keys.begin, prefix}).size();
  PositionRange rest = {std::max(keys.begin, prefix), keys.end};
  std::optional<int64_t> window = mask.windowOf(head);
  if (!window)
    return pairs + countCausal(queries, 0, rest);
  int64_t sinks = mask.sinksOf(head);
  pairs += countCausal(queries, 0, intersect(rest, {rest.begin, sinks}));
  PositionRange near = {std::max(rest.begin, sinks), rest.end};
  return pairs + countCausal(queries, 0, near) -
         countCausal(queries, -*window, near);
}

int64_t countVisibleKeys(const AttentionMask &mask, int64_t firstHead,
                         int64_t heads, PositionRange queries,
                         PositionRange keys) {
  if (queries.size() == 0)
    return 0;
  if (!mask.causal)
    return keys.size();
  // All heads see ranges that begin at 0 or end at the last query.
  int64_t front = 0, back = queries.end;
  for (int64_t head = firstHead; head < firstHead + heads; ++head) {
    front = std::max(front, mask.prefixOf(head));
    front = std::max(front, std::min(mask.sinksOf(head), queries.end));
    std::optional<int64_t> window = mask.windowOf(head);
    back = std::min(back, window ? queries.begin - *window + 1 : 0);
  }
  return intersect(keys, {keys.begin, front}).size() +
         intersect(keys, {std::max(front, back), queries.end}).size();
}

} // namespace heed
