//===- SpecializePhases.cpp - One function per phase ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Passes.h"

#include "dialects/attn/Attn.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Transforms/GreedyPatternRewriteDriver.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_SPECIALIZEPHASESPASS
#include "passes/lower/Passes.h.inc"

namespace {

/// Replaces every `attn.in_phase` by whether it names `phase`.
void foldPhase(func::FuncOp function, attn::Phase phase) {
  function.walk([&](attn::InPhaseOp op) {
    OpBuilder builder(op);
    auto value = builder.getBoolAttr(op.getPhase() == phase);
    op.replaceAllUsesWith(
        arith::ConstantOp::create(builder, op.getLoc(), value).getResult());
    op.erase();
  });
}

/// Puts the region of `op` in its place.
void runBody(attn::SkipOp op) {
  Block &body = op.getBody().front();
  Operation *yield = body.getTerminator();
  for (auto [argument, input] : llvm::zip(body.getArguments(), op.getInputs()))
    argument.replaceAllUsesWith(input);
  op.replaceAllUsesWith(yield->getOperands());
  yield->erase();
  op->getBlock()->getOperations().splice(op->getIterator(),
                                         body.getOperations());
  op.erase();
}

/// Decides the skips of `function` whose condition is known. Outer ones come
/// first, so that what is passed by is not looked at.
LogicalResult decideSkips(func::FuncOp function) {
  bool changed = true;
  while (changed) {
    changed = false;
    function.walk<WalkOrder::PreOrder>([&](attn::SkipOp op) {
      APInt condition;
      if (!matchPattern(op.getCondition(), m_ConstantInt(&condition)))
        return WalkResult::advance();
      if (condition.isZero()) {
        runBody(op);
      } else {
        op.replaceAllUsesWith(op.getInputs());
        op.erase();
      }
      changed = true;
      return WalkResult::interrupt();
    });
  }
  WalkResult result = function.walk([&](attn::SkipOp op) {
    attn::Granularity granularity = op.getGranularity();
    if (granularity != attn::Granularity::Static &&
        granularity != attn::Granularity::Phase)
      return WalkResult::advance();
    op.emitOpError("has a condition that is not known in @")
        << function.getName() << ", wanted a constant for granularity '"
        << stringifyGranularity(granularity) << "'";
    return WalkResult::interrupt();
  });
  return failure(result.wasInterrupted());
}

/// Folds what became constant and removes what became unused.
LogicalResult simplify(func::FuncOp function) {
  return applyPatternsGreedily(
      function,
      FrozenRewritePatternSet(RewritePatternSet(function.getContext())));
}

struct SpecializePhases : impl::SpecializePhasesPassBase<SpecializePhases> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    auto step = module.lookupSymbol<func::FuncOp>("step");
    if (!step) {
      if (module.lookupSymbol("prefill") && module.lookupSymbol("decode"))
        return;
      module.emitError("found no function @step, wanted one, or @prefill and "
                       "@decode");
      return signalPassFailure();
    }
    for (attn::Phase phase : {attn::Phase::Prefill, attn::Phase::Decode})
      if (failed(specialize(step, phase)))
        return signalPassFailure();
    step.erase();
  }

  LogicalResult specialize(func::FuncOp step, attn::Phase phase) {
    OpBuilder builder(step);
    auto clone = cast<func::FuncOp>(builder.clone(*step));
    clone.setName(attn::stringifyPhase(phase));
    clone->setAttr("attn.phase",
                   attn::PhaseAttr::get(step.getContext(), phase));
    foldPhase(clone, phase);
    if (failed(simplify(clone)) || failed(decideSkips(clone)))
      return failure();
    return simplify(clone);
  }
};

} // namespace
} // namespace heed
