//===- Window.cpp - Attention narrowed to recent keys ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/framework/Window.h"

using namespace mlir;

namespace heed {

Verdict checkWindow(Window window, const Model &model) {
  if (window.keys < 1)
    return Verdict::refuse("found window=" + Twine(window.keys) +
                           ", wanted at least 1 key");
  if (window.sinks < 0)
    return Verdict::refuse("found sinks=" + Twine(window.sinks) +
                           ", wanted at least 0 keys");
  int64_t context = model.getContext();
  if (context && window.keys + window.sinks >= context)
    return Verdict::ignore("a window of " + Twine(window.keys) + " keys and " +
                           Twine(window.sinks) +
                           " sinks covers the context of " + Twine(context));
  return Verdict::accept();
}

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

Verdict checkWindow(attn::LayerOp layer) {
  Verdict verdict = Verdict::ignore("it has no attention");
  layer.walk([&](attn::AttentionOp op) {
    verdict = checkMask(op.getMask());
    return verdict.isAccept() ? WalkResult::advance() : WalkResult::interrupt();
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

void setWindow(attn::LayerOp layer, Window window, RewriterBase &rewriter) {
  layer.walk([&](attn::AttentionOp op) {
    attn::MaskAttr mask = op.getMask();
    auto narrow = attn::MaskAttr::get(
        op.getContext(), mask.getCausal(), ArrayRef<int64_t>(window.keys),
        window.sinks ? ArrayRef<int64_t>(window.sinks) : ArrayRef<int64_t>(),
        mask.getPrefix(), mask.getSegments());
    rewriter.modifyOpInPlace(op, [&] { op.setMaskAttr(narrow); });
  });
  for (Value cache : getCaches(layer))
    changeFields(cache, [&](attn::CacheField &field) {
      field.rate = attn::CacheRate::Ring;
      field.window = window.keys;
      field.sinks = window.sinks;
    });
}

} // namespace heed
