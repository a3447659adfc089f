//===- AttentionCost.cpp - Softmax attention and its merges counted -------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "dialects/attn/DynamicSizes.h"
#include "heed/Cost/MaskCost.h"

using namespace mlir;
using namespace heed;
using namespace heed::attn;

namespace {

/// Where the keys of one segment stand, as at most two ranges.
struct SegmentPlace {
  PositionRange first, second;
  bool cached = false;
};

/// Where queries and keys of an attention stand.
struct Places {
  PositionRange queries;
  SmallVector<SegmentPlace> segments;
};

} // namespace

/// Returns where the entries of a cache with `past` tokens stand: the sinks
/// and the last ones of a full ring, else all.
static SegmentPlace placeCached(CacheType type, int64_t past) {
  int64_t readable = countReadable(type, past);
  SegmentPlace place;
  place.cached = true;
  int64_t sinks = readable < past ? type.getFields().front().sinks : 0;
  place.first = {0, sinks};
  place.second = {past - (readable - sinks), past};
  return place;
}

template <typename OpT>
static Places findPlaces(OpT op, const StepSizes &sizes) {
  Places places;
  bool hasPositions = op.getQueryPositions() != nullptr;
  int64_t queries = getSize(op.getQuery(), 2, sizes);
  int64_t next = hasPositions ? sizes.past : 0;
  for (Value key : op.getKeys()) {
    CacheReadOp read = getCacheRead(key);
    if (read && hasPositions) {
      places.segments.push_back(
          placeCached(read.getCache().getType(), sizes.past));
      continue;
    }
    SegmentPlace &place = places.segments.emplace_back();
    place.cached = read != nullptr;
    place.second = {next, next + getSize(key, 2, sizes)};
    next = place.second.end;
  }
  int64_t first = hasPositions ? sizes.past : next - queries;
  places.queries = {first, first + queries};
  return places;
}

/// Counts the entries that the queries of one group of heads see.
static int64_t countSeen(const AttentionMask &mask, int64_t firstHead,
                         int64_t heads, PositionRange queries,
                         const SegmentPlace &place) {
  return countVisibleKeys(mask, firstHead, heads, queries, place.first) +
         countVisibleKeys(mask, firstHead, heads, queries, place.second);
}

/// Counts the pairs of all heads of one sequence.
static int64_t countPairs(const AttentionMask &mask, int64_t heads,
                          const Places &places) {
  int64_t pairs = 0;
  for (int64_t head = 0; head < heads; ++head)
    for (const SegmentPlace &place : places.segments)
      pairs += countVisiblePairs(mask, head, places.queries, place.first) +
               countVisiblePairs(mask, head, places.queries, place.second);
  return pairs;
}

template <typename OpT>
static Counts countAttention(OpT op, const StepSizes &sizes) {
  Counts counts;
  Places places = findPlaces(op, sizes);
  AttentionMask mask = op.getMask().getTerms();
  Value firstKey = op.getKeys().front(), firstValue = op.getValues().front();
  int64_t batch = getSize(op.getQuery(), 0, sizes);
  int64_t heads = getSize(op.getQuery(), 1, sizes);
  int64_t keyHeads = getSize(firstKey, 1, sizes);
  int64_t width = getSize(firstKey, 3, sizes) + getSize(firstValue, 3, sizes);
  counts.multiplyAdds = batch * countPairs(mask, heads, places) * width;
  int64_t rowBytes =
      width * reference::elementBytes(*getElement(firstKey.getType()));
  int64_t group = heads / keyHeads;
  for (auto [i, place] : llvm::enumerate(places.segments)) {
    if (!place.cached) {
      counts.activationBytes +=
          countBytes({op.getKeys()[i], op.getValues()[i]}, sizes);
      continue;
    }
    for (int64_t head = 0; head < heads; head += group)
      counts.cacheBytesRead +=
          batch * rowBytes *
          countSeen(mask, head, group, places.queries, place);
  }
  counts.activationBytes += countBytes(op.getQuery(), sizes);
  counts.activationBytes += countBytes(op->getResults(), sizes);
  return counts;
}

Counts AttentionOp::getCounts(const StepSizes &sizes) {
  return countAttention(*this, sizes);
}

Counts AttentionPartialOp::getCounts(const StepSizes &sizes) {
  return countAttention(*this, sizes);
}

Counts MergeOp::getCounts(const StepSizes &sizes) {
  Counts counts;
  counts.activationBytes = countBytes(getOperands(), sizes) +
                           countBytes((*this)->getResults(), sizes);
  return counts;
}
