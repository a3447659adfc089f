//===- AttentionModule.cpp - A layer's attention under test ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/AttentionModule.h"

#include "llvm/Support/FormatVariadic.h"

#include <cmath>

namespace heed {

/// 0, 1: query and key heads; 2, 3: their channels; 4, 5: types of queries and
/// keys; 6: mask; 7: tail; 8: cache; 9: frequencies.
static const char *const body = R"(
  %q0 = attn.linear %h, %wq : $H, tensor<{2}x24x$T> -> tensor<?x?x{2}x$T>
  %k0 = attn.linear %h, %wk : $H, tensor<{3}x24x$T> -> tensor<?x?x{3}x$T>
  %v0 = attn.linear %h, %wv : $H, tensor<{3}x24x$T> -> tensor<?x?x{3}x$T>
  %q1 = attn.split_heads %q0 {0} : tensor<?x?x{2}x$T>
  %k1 = attn.split_heads %k0 {1} : tensor<?x?x{3}x$T>
  %v = attn.split_heads %v0 {1} : tensor<?x?x{3}x$T>
  %q = attn.rotary %q1, %pos, %f amplitude(1.0) : {4}, tensor<?x?xi32>,
      tensor<{9}xf32>
  %k = attn.rotary %k1, %pos, %f amplitude(1.0) : {5}, tensor<?x?xi32>,
      tensor<{9}xf32>
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
  int64_t width = options.width;
  step.addWeight("wq", {queries * width, 24});
  step.addWeight("wk", {keys * width, 24});
  step.addWeight("wv", {keys * width, 24});
  std::vector<float> frequencies(width / 2);
  for (int64_t i = 0; i != width / 2; ++i)
    frequencies[i] = std::pow(0.01f, 2.0f * i / width);
  step.addNumbers("f", frequencies);
  if (options.parts)
    step.splitStreams(*options.parts);
  auto heads = [&](int64_t count) {
    return llvm::formatv("tensor<?x{0}x?x{1}x$T>", count, width).str();
  };
  std::string entry =
      llvm::formatv("{0} {1}x{2}x$T", options.rate, keys, width).str();
  std::string fields = "k : " + entry + ", v : " + entry;
  step.addCache(fields);
  std::string cache = "!attn.cache<[" + fields + "]>";
  step.expectSame(llvm::formatv(body, queries, keys, queries * width,
                                keys * width, heads(queries), heads(keys),
                                options.mask, options.tail, cache, width / 2)
                      .str(),
                  queries * width, plans, capacity);
}

} // namespace heed
