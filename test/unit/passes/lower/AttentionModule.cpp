//===- AttentionModule.cpp - A layer's attention under test ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/AttentionModule.h"

#include "llvm/Support/FormatVariadic.h"

namespace heed {

/// 0, 1: query and key heads; 2, 3: their channels; 4, 5: types of queries and
/// keys; 6: mask; 7: tail; 8: cache.
static const char *const body = R"(
  %q0 = attn.linear %h, %wq : $H, tensor<{2}x24x$T> -> tensor<?x?x{2}x$T>
  %k0 = attn.linear %h, %wk : $H, tensor<{3}x24x$T> -> tensor<?x?x{3}x$T>
  %v0 = attn.linear %h, %wv : $H, tensor<{3}x24x$T> -> tensor<?x?x{3}x$T>
  %q1 = attn.split_heads %q0 {0} : tensor<?x?x{2}x$T>
  %k1 = attn.split_heads %k0 {1} : tensor<?x?x{3}x$T>
  %v = attn.split_heads %v0 {1} : tensor<?x?x{3}x$T>
  %q = attn.rotary %q1, %pos, %f amplitude(1.0) : {4}, tensor<?x?xi32>,
      tensor<4xf32>
  %k = attn.rotary %k1, %pos, %f amplitude(1.0) : {5}, tensor<?x?xi32>,
      tensor<4xf32>
  %kc, %vc, %pc = attn.cache_read %c0 : {8} -> {5}, {5}, tensor<?x?xi32>
  %o = attn.attention %q keys(%kc, %k : {5}, {5}) values(%vc, %v : {5}, {5})
      at(%pos to %pc, %pos
         : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
      mask{6} scale(0.5) {7} : {4} -> {4}
  %e0 = attn.cache_append %c0, %pos, %k, %v : {8}, {5}, {5}
  %out = attn.merge_heads %o : {4}
)";

void expectAttention(std::string type, const AttentionOptions &options,
                     llvm::ArrayRef<StepPlan> plans, int64_t capacity) {
  int64_t queries = options.queryHeads, keys = options.keyHeads;
  StepModule step(type, 24);
  step.addWeight("wq", {queries * 8, 24});
  step.addWeight("wk", {keys * 8, 24});
  step.addWeight("wv", {keys * 8, 24});
  step.addNumbers("f", {1.0f, 0.5f, 0.1f, 0.01f});
  if (options.parts)
    step.splitStreams(*options.parts);
  auto heads = [](int64_t count) {
    return llvm::formatv("tensor<?x{0}x?x8x$T>", count).str();
  };
  std::string entry = llvm::formatv("{0} {1}x8x$T", options.rate, keys).str();
  std::string fields = "k : " + entry + ", v : " + entry;
  step.addCache(fields);
  std::string cache = "!attn.cache<[" + fields + "]>";
  step.expectSame(llvm::formatv(body, queries, keys, queries * 8, keys * 8,
                                heads(queries), heads(keys), options.mask,
                                options.tail, cache)
                      .str(),
                  queries * 8, plans, capacity);
}

} // namespace heed
