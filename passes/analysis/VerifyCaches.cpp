//===- VerifyCaches.cpp - Every cache is consumed at most once ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "passes/analysis/Passes.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_VERIFYCACHESPASS
#include "passes/analysis/Passes.h.inc"

namespace {

struct VerifyCaches : impl::VerifyCachesPassBase<VerifyCaches> {
  void runOnOperation() override;
};

} // namespace

/// Says whether `user` comes before `later`, which lies in the value's region.
static bool comesBefore(Operation *user, Operation *later) {
  Operation *ancestor = later->getBlock()->findAncestorOpInBlock(*user);
  return ancestor && ancestor != later && ancestor->isBeforeInBlock(later);
}

/// Checks the uses of one cache.
static LogicalResult verifyCache(Value cache) {
  Operation *consumer = nullptr;
  SmallVector<Operation *> consumers, reads;
  for (OpOperand &use : cache.getUses())
    (isa<attn::CacheReadOp>(use.getOwner()) ? reads : consumers)
        .push_back(use.getOwner());
  // Uses are listed last first.
  std::reverse(consumers.begin(), consumers.end());
  for (Operation *user : consumers) {
    if (user->getParentRegion() != cache.getParentRegion())
      return user->emitError("consumes a cache that is no argument of the "
                             "region it stands in");
    if (!consumer) {
      consumer = user;
      continue;
    }
    Operation *first = consumer, *second = user;
    if (first != second && second->isBeforeInBlock(first))
      std::swap(first, second);
    InFlightDiagnostic diagnostic =
        first->emitError("found two ops that consume one cache, wanted one");
    diagnostic.attachNote(second->getLoc()) << "the second is here";
    return diagnostic;
  }
  for (Operation *read : reads) {
    if (!consumer || comesBefore(read, consumer))
      continue;
    InFlightDiagnostic diagnostic = read->emitError(
        "found a read of a cache behind the op that consumes it, wanted it "
        "before");
    diagnostic.attachNote(consumer->getLoc()) << "it is consumed here";
    return diagnostic;
  }
  return success();
}

void VerifyCaches::runOnOperation() {
  markAllAnalysesPreserved();
  auto isCache = [](Value value) {
    return isa<attn::CacheType>(value.getType());
  };
  bool valid = true;
  getOperation()->walk([&](Operation *op) {
    for (Value result : llvm::make_filter_range(op->getResults(), isCache))
      valid &= succeeded(verifyCache(result));
    for (Region &region : op->getRegions())
      for (Block &block : region)
        for (Value argument :
             llvm::make_filter_range(block.getArguments(), isCache))
          valid &= succeeded(verifyCache(argument));
  });
  if (!valid)
    signalPassFailure();
}

} // namespace heed
