//===- AttentionMask.cpp - Which keys a query sees ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/AttentionMask.h"

#include <algorithm>

namespace heed {

/// Returns the number of `head` in a list of one for all or one per head.
static int64_t numberOf(llvm::ArrayRef<int64_t> numbers, int64_t head) {
  return numbers.size() == 1 ? numbers.front() : numbers[head];
}

std::optional<int64_t> AttentionMask::windowOf(int64_t head) const {
  if (window.empty())
    return std::nullopt;
  return numberOf(window, head);
}

int64_t AttentionMask::sinksOf(int64_t head) const {
  return sinks.empty() ? 0 : numberOf(sinks, head);
}

int64_t AttentionMask::prefixOf(int64_t head) const {
  return prefix.empty() ? 0 : numberOf(prefix, head);
}

std::optional<int64_t> AttentionMask::widestWindow() const {
  if (window.empty())
    return std::nullopt;
  return *std::max_element(window.begin(), window.end());
}

bool AttentionMask::isVisible(int64_t head, int64_t p, int64_t k) const {
  if (p < 0 || k < 0)
    return false;
  if (k < prefixOf(head))
    return true;
  if (causal && k > p)
    return false;
  std::optional<int64_t> reach = windowOf(head);
  return !reach || k > p - *reach || k < sinksOf(head);
}

} // namespace heed
