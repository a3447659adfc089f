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
    if (window < 1)
      return Verdict::refuse("found window=" + Twine(window.getValue()) +
                             ", wanted at least 1 key");
    if (sinks < 0)
      return Verdict::refuse("found sinks=" + Twine(sinks.getValue()) +
                             ", wanted at least 0 keys");
    int64_t context = model.getContext();
    if (context && window + sinks >= context)
      return Verdict::ignore("a window of " + Twine(window.getValue()) +
                             " keys and " + Twine(sinks.getValue()) +
                             " sinks covers the context of " + Twine(context));
    return Verdict::accept();
  }

  Verdict check(attn::LayerOp layer, const Model &) const final {
    Verdict verdict = Verdict::ignore("it has no attention");
    layer.walk([&](attn::AttentionOp op) {
      verdict = checkMask(op.getMask());
      return verdict.isAccept() ? WalkResult::advance()
                                : WalkResult::interrupt();
    });
    if (!verdict.isAccept())
      return verdict;
    for (Value cache : getCaches(layer))
      for (const attn::CacheField &field :
           cast<attn::CacheType>(cache.getType()).getFields())
        if (field.rate != attn::CacheRate::Token)
          return Verdict::refuse("found cache field '" + field.name.getValue() +
                                 "' of another rate, wanted token");
    return Verdict::accept();
  }

  void apply(attn::LayerOp layer, RewriterBase &rewriter) final {
    layer.walk([&](attn::AttentionOp op) {
      attn::MaskAttr mask = op.getMask();
      auto narrow = attn::MaskAttr::get(
          op.getContext(), mask.getCausal(), ArrayRef<int64_t>(window),
          sinks ? ArrayRef<int64_t>(sinks) : ArrayRef<int64_t>(),
          mask.getPrefix(), mask.getSegments());
      rewriter.modifyOpInPlace(op, [&] { op.setMaskAttr(narrow); });
    });
    for (Value cache : getCaches(layer))
      changeFields(cache, [&](attn::CacheField &field) {
        field.rate = attn::CacheRate::Ring;
        field.window = window;
        field.sinks = sinks;
      });
  }

private:
  static Verdict checkMask(attn::MaskAttr mask) {
    if (!mask.getCausal())
      return Verdict::refuse("found attention that is not causal, wanted "
                             "causal: a window counts earlier keys");
    if (!mask.getWindow().empty())
      return Verdict::refuse("found a window of " +
                             Twine(mask.getWindow().front()) +
                             " keys already, wanted none");
    if (!mask.getPrefix().empty())
      return Verdict::refuse("found a prefix of " +
                             Twine(mask.getPrefix().front()) +
                             " keys, wanted none: a ring would drop it");
    return Verdict::accept();
  }

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
