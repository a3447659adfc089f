//===- Arena.cpp - Where temporaries lie ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Arena.h"

#include <algorithm>
#include <numeric>

namespace heed {

namespace {
struct Placed {
  int64_t begin, end;
  uint32_t buffer;
};
} // namespace

static bool liveTogether(const heed_package_buffer &a,
                         const heed_package_buffer &b) {
  return a.first_command <= b.last_command && b.first_command <= a.last_command;
}

/// Computes the bytes of all buffers, rounded up to the alignment.
static Status measure(Table<heed_package_buffer> buffers,
                      const StepSizes &sizes, std::vector<int64_t> &bytes) {
  for (uint64_t i = 0; i != buffers.size(); ++i) {
    int64_t size;
    if (!evaluate(buffers[i].elements, sizes, size) ||
        !multiply(size, elementBytes(buffers[i].dtype), size) ||
        !roundUp(size, arenaAlignment, size))
      return makeError(HEED_OUT_OF_MEMORY,
                       "buffer %llu: more than 2^63 bytes wanted for %lld "
                       "sequences of %lld tokens",
                       static_cast<unsigned long long>(i),
                       static_cast<long long>(sizes.b),
                       static_cast<long long>(sizes.n));
    bytes.push_back(size);
  }
  return Status();
}

Status placeBuffers(Table<heed_package_buffer> buffers, const StepSizes &sizes,
                    ArenaLayout &layout) {
  std::vector<int64_t> bytes;
  if (Status error = measure(buffers, sizes, bytes))
    return error;
  std::vector<uint32_t> order(buffers.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](uint32_t a, uint32_t b) {
    return bytes[a] != bytes[b] ? bytes[a] > bytes[b] : a < b;
  });
  layout.offsets.assign(buffers.size(), 0);
  layout.bytes = 0;
  std::vector<Placed> placed; // Sorted by begin.
  for (uint32_t buffer : order) {
    int64_t begin = 0, end = bytes[buffer];
    if (end == 0)
      break; // As are all that follow.
    for (const Placed &other : placed) {
      if (!liveTogether(buffers[buffer], buffers[other.buffer]))
        continue;
      if (other.begin >= end)
        break;
      begin = std::max(begin, other.end);
      if (!add(begin, bytes[buffer], end))
        return makeError(HEED_OUT_OF_MEMORY,
                         "temporaries: more than 2^63 bytes wanted");
    }
    layout.offsets[buffer] = begin;
    layout.bytes = std::max(layout.bytes, end);
    auto behind = std::upper_bound(
        placed.begin(), placed.end(), begin,
        [](int64_t at, const Placed &other) { return at < other.begin; });
    placed.insert(behind, {begin, end, buffer});
  }
  return Status();
}

} // namespace heed
