//===- AttentionMask.h - Which keys a query sees ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The meaning of `#attn.mask`, apart from the dialect. A view: the numbers
/// belong to whoever made it, as a rule to the attribute.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_REFERENCE_ATTENTIONMASK_H
#define HEED_REFERENCE_ATTENTIONMASK_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <optional>

namespace heed {

struct AttentionMask {
  bool causal = false;
  /// Each empty (the term is absent), one number for all heads, or one for
  /// each query head.
  llvm::ArrayRef<int64_t> window, sinks, prefix;
  bool segments = false;

  /// Returns the window of `head`, or nothing if every key is in reach.
  std::optional<int64_t> windowOf(int64_t head) const;
  int64_t sinksOf(int64_t head) const;
  int64_t prefixOf(int64_t head) const;
  /// Returns the widest window of all heads, or nothing if one has none.
  std::optional<int64_t> widestWindow() const;
  /// Returns whether query position `p` of `head` sees key position `k`;
  /// segments are the caller's business.
  bool isVisible(int64_t head, int64_t p, int64_t k) const;
};

} // namespace heed

#endif // HEED_REFERENCE_ATTENTIONMASK_H
