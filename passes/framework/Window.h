//===- Window.h - Attention narrowed to recent keys -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What rewrites that give layers a window have in common: which sizes and
/// which layers they take, and how mask and cache change together.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_FRAMEWORK_WINDOW_H
#define HEED_PASSES_FRAMEWORK_WINDOW_H

#include "passes/framework/Rewrite.h"

namespace heed {

/// What a query sees: its own key and those before it, `keys` in all, and the
/// first `sinks` of the sequence.
struct Window {
  int64_t keys;
  int64_t sinks;
};

/// Refuses sizes that are none; ignores a window that covers the context.
Verdict checkWindow(Window window, const Model &model);

/// Judges whether attention and caches of `layer` may get a window: causal
/// attention without window and prefix, caches of every token.
Verdict checkWindow(attn::LayerOp layer);

/// Gives all attention of `layer` the window, and makes rings of its caches.
/// REQUIRES: checkWindow accepts the layer.
void setWindow(attn::LayerOp layer, Window window,
               mlir::RewriterBase &rewriter);

} // namespace heed

#endif // HEED_PASSES_FRAMEWORK_WINDOW_H
