//===- InlineLayers.cpp - Layers become their bodies ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Passes.h"

#include "dialects/attn/Attn.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_INLINELAYERSPASS
#include "passes/lower/Passes.h.inc"

namespace {

/// Writes "layer N" into the locations of all ops of `layer`.
void nameOps(attn::LayerOp layer) {
  MLIRContext *context = layer.getContext();
  auto name = StringAttr::get(context, "layer " + Twine(layer.getIndex()));
  layer.getBody().walk([&](Operation *op) {
    op->setLoc(FusedLoc::get(context, {op->getLoc()}, name));
  });
}

void inlineLayer(attn::LayerOp layer) {
  Block &body = layer.getBody().front();
  Operation *yield = body.getTerminator();
  for (auto [argument, input] :
       llvm::zip(body.getArguments(), layer.getInputs()))
    argument.replaceAllUsesWith(input);
  layer.replaceAllUsesWith(yield->getOperands());
  yield->erase();
  layer->getBlock()->getOperations().splice(layer->getIterator(),
                                            body.getOperations());
  layer.erase();
}

struct InlineLayers : impl::InlineLayersPassBase<InlineLayers> {
  void runOnOperation() override {
    SmallVector<attn::LayerOp> layers;
    getOperation().walk([&](attn::LayerOp layer) { layers.push_back(layer); });
    for (attn::LayerOp layer : layers) {
      nameOps(layer);
      inlineLayer(layer);
    }
  }
};

} // namespace
} // namespace heed
