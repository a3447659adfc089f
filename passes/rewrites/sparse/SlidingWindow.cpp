//===- SlidingWindow.cpp - Keep the first and the most recent keys --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Narrows causal attention to a window of recent keys and some sinks.
///
///   before   attn.attention .. mask<causal>
///            !attn.cache<[k : token .., v : token ..]>
///   after    attn.attention .. mask<causal, window = W, sinks = S>
///            !attn.cache<[k : ring(W, sinks S) .., v : ring(W, sinks S) ..]>
///
/// Work falls from N(N+1)/2 pairs to about N(W+S), and a layer's cache from N
/// to W+S entries.
///
//===----------------------------------------------------------------------===//

#include "passes/framework/Window.h"
#include "passes/rewrites/Registry.h"

using namespace mlir;

namespace heed {
namespace {

class SlidingWindow : public Rewrite<SlidingWindow> {
public:
  static constexpr RewriteInfo kInfo = {
      "attn-sliding-window",
      "Let each query see only the first and the most recent keys",
      "Beltagy et al. 2020 (Longformer); Xiao et al. 2024 (StreamingLLM)",
      Numerics::Measured,
      Phases::Same,
      /*phaseReason=*/"",
      /*exactWhen=*/
      {Trivial::Rewritten, "window=64", Fixture::ShortReach,
       "window=16 sinks=2"}};

  Verdict checkModel(const Model &model) const final {
    return checkWindow({window, sinks}, model);
  }
  Verdict check(attn::LayerOp layer, const Model &) const final {
    return checkWindow(layer);
  }
  void apply(attn::LayerOp layer, RewriterBase &rewriter) final {
    setWindow(layer, {window, sinks}, rewriter);
  }

private:
  Option<int64_t> window{*this, "window", llvm::cl::init(4096),
                         llvm::cl::desc("Keys a query sees, itself included")};
  Option<int64_t> sinks{*this, "sinks", llvm::cl::init(0),
                        llvm::cl::desc("First keys that stay in sight")};
};

} // namespace

std::unique_ptr<RewritePass> createSlidingWindow() {
  return std::make_unique<SlidingWindow>();
}

} // namespace heed
