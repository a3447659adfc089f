//===- CacheCost.h - Bytes of caches ----------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Counts what caches hold, as `heed_cache_bytes` (heed-c/Runtime.h) does.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_COST_CACHECOST_H
#define HEED_COST_CACHECOST_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>

namespace heed {

/// The part of a cache field that its bytes depend on.
struct CacheFieldShape {
  enum class Rate { Token, Ring, Every, Sequence };

  Rate rate = Rate::Token;
  int64_t entryBytes = 0; ///< Of one entry, all heads.
  int64_t window = 0;     ///< Of a ring: last tokens it holds.
  int64_t sinks = 0;      ///< Of a ring: first tokens kept for good.
  int64_t period = 1;     ///< Of Every: tokens for one entry.
  bool untilDecode = false;
};

/// Returns the entries of a slot made for `capacity` tokens.
int64_t countCacheEntries(const CacheFieldShape &field, int64_t capacity);

/// Returns the bytes of `sequences` slots for `capacity` tokens each, before
/// the first decode of these slots or, with `decoded`, after it.
int64_t countCacheBytes(llvm::ArrayRef<CacheFieldShape> fields,
                        int64_t sequences, int64_t capacity, bool decoded);

} // namespace heed

#endif // HEED_COST_CACHECOST_H
