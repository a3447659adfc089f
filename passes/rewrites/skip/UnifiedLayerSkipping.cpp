//===- UnifiedLayerSkipping.cpp - Decode on evenly spaced layers ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs all layers in prefill and m = floor(n / speedup) of n layers in decode.
///
///   before   %h1, %c1 = attn.layer 3 "decoder" (%x = %h, %c = %c0) ..
///   after    %d = attn.in_phase decode
///            %h1, %c1 = attn.skip %d phase (%y = %h, %e = %c0) ..
///              attn.layer 3 "decoder" (%x = %y, %c = %e) ..
///
/// Kept are layers 0 and n - 1, and the first m - 2 multiples of
/// floor(n / (m - 1)) between them. A skipped layer passes the residual on. Its
/// keys and values serve the chunks of a prompt and nothing after: its cache
/// becomes `until decode`.
///
//===----------------------------------------------------------------------===//

#include "passes/rewrites/Registry.h"

#include <cmath>

using namespace mlir;

namespace heed {
namespace {

class UnifiedLayerSkipping : public Rewrite<UnifiedLayerSkipping> {
public:
  static constexpr RewriteInfo kInfo = {
      "attn-unified-layer-skipping",
      "Decode on evenly spaced layers, for a target speedup",
      "Liu et al. 2024, Accelerating Inference in Large Language Models with a "
      "Unified Layer Skipping Strategy",
      Numerics::Measured,
      Phases::Differ,
      /*phaseReason=*/"prefill runs all layers, decode the kept ones",
      /*exactWhen=*/
      {Trivial::Unchanged, "speedup=1", Fixture::IdleLayers, "speedup=2"}};

  Verdict checkModel(const Model &model) const final {
    int64_t n = model.getLayers().size();
    for (int64_t index : keep)
      if (llvm::none_of(model.getLayers(), [&](attn::LayerOp layer) {
            return static_cast<int64_t>(layer.getIndex()) == index;
          }))
        return Verdict::refuse("found keep=" + Twine(index) +
                               ", wanted layers of the model's " + Twine(n));
    if (!std::isfinite(speedup) || speedup < 1)
      return Verdict::refuse("found a speedup below 1 or not finite, wanted a "
                             "number of at least 1");
    if (balance != "paper" && balance != "even")
      return Verdict::refuse("found balance=" + balance.getValue() +
                             ", wanted paper or even");
    if (keep.empty() && countKept(n) < 2)
      return Verdict::refuse("the target speedup leaves " +
                             Twine(countKept(n)) + " of " + Twine(n) +
                             " layers, wanted at least 2");
    if (keep.empty() && countKept(n) == n)
      return Verdict::ignore("the target speedup keeps all " + Twine(n) +
                             " layers");
    return Verdict::accept();
  }

  Verdict check(attn::LayerOp layer, const Model &model) const final {
    const auto *place = llvm::find(model.getLayers(), layer);
    int64_t ordinal = place - model.getLayers().begin();
    if (isKept(layer.getIndex(), ordinal, model.getLayers().size()))
      return Verdict::ignore("");
    if (layer->getParentOfType<attn::SkipOp>())
      return Verdict::refuse("found it inside attn.skip, wanted a layer that "
                             "always runs");
    if (layer.getInputs().getTypes() != layer.getOutputs().getTypes())
      return Verdict::refuse("found results of other types than its operands, "
                             "wanted the same: they stand for them when it is "
                             "skipped");
    return Verdict::accept();
  }

  void apply(attn::LayerOp layer, RewriterBase &rewriter) final {
    Location loc = layer.getLoc();
    auto decode = attn::InPhaseOp::create(rewriter, loc, attn::Phase::Decode);
    auto skip =
        attn::SkipOp::create(rewriter, loc, layer.getResultTypes(), decode,
                             attn::Granularity::Phase, layer.getInputs());
    rewriter.replaceAllUsesWith(layer.getResults(), skip.getResults());
    SmallVector<Location> locations(layer.getNumOperands(), loc);
    Block *body = rewriter.createBlock(&skip.getBody(), {},
                                       layer.getOperandTypes(), locations);
    rewriter.moveOpBefore(layer, body, body->end());
    rewriter.modifyOpInPlace(layer,
                             [&] { layer->setOperands(body->getArguments()); });
    rewriter.setInsertionPointToEnd(body);
    attn::YieldOp::create(rewriter, loc, layer.getResults());
    for (Value input : skip.getInputs())
      if (isa<attn::CacheType>(input.getType()))
        changeFields(input,
                     [](attn::CacheField &field) { field.untilDecode = true; });
  }

private:
  int64_t countKept(int64_t n) const {
    return static_cast<int64_t>(std::floor(static_cast<double>(n) / speedup));
  }

  /// Returns whether decode runs the layer `index`, which is the `ordinal`-th
  /// of n.
  bool isKept(int64_t index, int64_t ordinal, int64_t n) const {
    if (!keep.empty())
      return llvm::is_contained(keep, index);
    int64_t m = countKept(n);
    if (ordinal == 0 || ordinal == n - 1)
      return true;
    if (balance == "even") {
      for (int64_t j = 1; j < m - 1; ++j)
        if (std::llround(static_cast<double>(j * (n - 1)) / (m - 1)) == ordinal)
          return true;
      return false;
    }
    int64_t interval = n / (m - 1);
    return ordinal % interval == 0 && ordinal / interval <= m - 2;
  }

  Option<double> speedup{
      *this, "speedup", llvm::cl::init(2.0),
      llvm::cl::desc("Layers of the model over layers of a decode step")};
  Option<std::string> balance{
      *this, "balance", llvm::cl::init("paper"),
      llvm::cl::desc("paper: multiples of one interval; even: spread evenly up "
                     "to the last layer")};
  ListOption<int64_t> keep{
      *this, "keep",
      llvm::cl::desc("Indices of the layers to keep, in place of the rule")};
};

} // namespace

std::unique_ptr<RewritePass> createUnifiedLayerSkipping() {
  return std::make_unique<UnifiedLayerSkipping>();
}

} // namespace heed
