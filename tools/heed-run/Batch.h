//===- Batch.h - Sequences that run side by side ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs sequences together: their prompts enter through prefill, padded on the
/// left and in chunks, then each goes on by decode for as long as it likes.
/// Generation, evaluation and comparison differ only in what they do with the
/// logits:
///
///     BatchHooks hooks;
///     hooks.next = [&](int64_t sequence, llvm::ArrayRef<float> logits) {
///       return sampler.choose(logits);
///     };
///     llvm::Error error = runBatch(session, prompts, hooks);
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_BATCH_H
#define HEED_TOOLS_HEED_RUN_BATCH_H

#include "tools/heed-run/Session.h"

#include "llvm/ADT/ArrayRef.h"

#include <functional>

namespace heed {

using TokenIds = std::vector<int32_t>;

/// What is done with logits.
struct BatchHooks {
  /// Takes the logits behind the last token of a sequence and returns the next
  /// id, or nothing to end the sequence.
  std::function<llvm::Expected<std::optional<int32_t>>(
      int64_t sequence, llvm::ArrayRef<float> logits)>
      next;
  /// If given, sees the logits behind every token, in the order of a sequence's
  /// tokens and before `next`; `token` counts from the prompt's first.
  std::function<void(int64_t sequence, int64_t token,
                     llvm::ArrayRef<float> logits)>
      see;
};

/// Runs `prompts`, none of them empty, in slots 0, 1, ... of the session's
/// cache, which must be empty there.
llvm::Error runBatch(Session &session, llvm::ArrayRef<TokenIds> prompts,
                     const BatchHooks &hooks);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_BATCH_H
