//===- CudaAppend.cpp - Launches of the append kernel ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaAppend.h"

#include <algorithm>

namespace heed {

/// A block has so many tokens, so that a long chunk fills the GPU.
static constexpr int64_t tokensPerBlock = 16;

std::vector<AppendWords> planAppend(const Append &append) {
  std::vector<AppendField> fields(append.fields,
                                  append.fields + append.fieldCount);
  fields.push_back({append.stepPositions, append.cachePositions, 1, 4});
  AppendWords words;
  words.perBlock = tokensPerBlock;
  words.blocks = (append.tokens + tokensPerBlock - 1) / tokensPerBlock;
  words.tokens = append.tokens;
  words.positions = append.stepPositions;
  words.slots = append.slots;
  words.counts = append.counts;
  words.capacity = append.capacity;
  words.sinks = append.sinks;
  std::vector<AppendWords> launches;
  for (size_t first = 0; first < fields.size(); first += words.maxFields) {
    words.fieldCount =
        std::min<int64_t>(words.maxFields, fields.size() - first);
    std::copy_n(&fields[first], words.fieldCount, words.fields);
    launches.push_back(words);
  }
  // One block counts when it is done; of many none knows that it is the last.
  if (words.blocks > 1) {
    words.blocks = 1;
    words.perBlock = words.fieldCount = 0;
    launches.push_back(words);
  }
  launches.back().counting = 1;
  return launches;
}

} // namespace heed
