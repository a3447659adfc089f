//===- Rewrite.cpp - Base of all rewrites ---------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/framework/Rewrite.h"

#include "llvm/Support/raw_ostream.h"

using namespace mlir;

namespace heed {

void RewritePass::getDependentDialects(DialectRegistry &registry) const {
  registry.insert<attn::AttnDialect>();
}

LogicalResult RewritePass::select(const Model &model,
                                  SmallVectorImpl<attn::LayerOp> &selected) {
  if (layers.empty()) {
    llvm::append_range(selected, model.getLayers());
    return success();
  }
  for (int64_t index : layers) {
    const auto *found =
        llvm::find_if(model.getLayers(), [&](attn::LayerOp layer) {
          return static_cast<int64_t>(layer.getIndex()) == index;
        });
    if (found == model.getLayers().end())
      return emitError(model.getStep().getLoc(), info.name)
             << ": found no layer " << index << ", wanted one of the model's "
             << model.getLayers().size();
    if (!llvm::is_contained(selected, *found))
      selected.push_back(*found);
  }
  return success();
}

LogicalResult RewritePass::report(attn::LayerOp layer, const Verdict &verdict) {
  bool isFatal = verdict.isRefuse() && !layers.empty();
  InFlightDiagnostic diagnostic =
      isFatal ? emitError(layer.getLoc()) : emitRemark(layer.getLoc());
  diagnostic << info.name << ": layer " << layer.getIndex()
             << (verdict.isRefuse() ? " is refused: " : " is left alone: ")
             << verdict.reason();
  return failure(isFatal);
}

void RewritePass::recordProvenance(ModuleOp module, ArrayRef<int64_t> changed) {
  std::string pipeline;
  llvm::raw_string_ostream stream(pipeline);
  printAsTextualPipeline(stream);
  Builder builder(module.getContext());
  SmallVector<Attribute> entries;
  if (auto present = module->getAttrOfType<ArrayAttr>("attn.rewrites"))
    llvm::append_range(entries, present);
  entries.push_back(builder.getDictionaryAttr({
      builder.getNamedAttr("layers", builder.getDenseI64ArrayAttr(changed)),
      builder.getNamedAttr("name", builder.getStringAttr(info.name)),
      builder.getNamedAttr("options", builder.getStringAttr(pipeline)),
  }));
  module->setAttr("attn.rewrites", builder.getArrayAttr(entries));
}

void RewritePass::runOnOperation() {
  FailureOr<Model> model = Model::create(getOperation());
  if (failed(model))
    return signalPassFailure();
  Verdict whole = checkModel(*model);
  if (!whole.isAccept()) {
    if (!whole.isRefuse()) {
      emitRemark(model->getStep().getLoc(), info.name)
          << ": " << whole.reason();
      return;
    }
    emitError(model->getStep().getLoc(), info.name) << ": " << whole.reason();
    return signalPassFailure();
  }

  SmallVector<attn::LayerOp> selected, accepted;
  bool failed = mlir::failed(select(*model, selected));
  for (attn::LayerOp layer : selected) {
    Verdict verdict = check(layer, *model);
    if (verdict.isAccept())
      accepted.push_back(layer);
    else if (!verdict.reason().empty())
      failed |= mlir::failed(report(layer, verdict));
  }
  if (failed)
    return signalPassFailure();

  IRRewriter rewriter(&getContext());
  SmallVector<int64_t> changed;
  for (attn::LayerOp layer : accepted) {
    changed.push_back(layer.getIndex());
    rewriter.setInsertionPoint(layer);
    apply(layer, rewriter);
  }
  if (!changed.empty())
    recordProvenance(getOperation(), changed);
}

} // namespace heed
