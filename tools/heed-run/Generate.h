//===- Generate.h - Texts that go on ----------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_GENERATE_H
#define HEED_TOOLS_HEED_RUN_GENERATE_H

#include "tools/heed-run/Batch.h"
#include "tools/heed-run/Sampler.h"

namespace heed {

struct GenerateOptions {
  int64_t maxNewTokens = 64;
  SamplerOptions sampler;
  /// Ids that end a sequence; they are not part of what is generated.
  TokenIds stopIds;
};

/// What became of one prompt.
struct Continuation {
  TokenIds ids;
  bool stopped = false; ///< By a stop id, not by a limit.
};

/// Sees each id as it is chosen.
using TokenSink = std::function<void(int64_t sequence, int32_t id)>;

/// Continues `prompts` until a stop id, the limit or the end of the context.
/// Makes a cache that suffices. `see` is that of BatchHooks and may be empty.
llvm::Expected<std::vector<Continuation>>
generate(Session &session, llvm::ArrayRef<TokenIds> prompts,
         const GenerateOptions &options, const TokenSink &sink,
         decltype(BatchHooks::see) see);

/// Runs the first `prompt` ids of each sequence through prefill and the others
/// through decode, whatever the model would have chosen.
llvm::Error force(Session &session, llvm::ArrayRef<TokenIds> sequences,
                  llvm::ArrayRef<int64_t> prompts,
                  decltype(BatchHooks::see) see);

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_GENERATE_H
