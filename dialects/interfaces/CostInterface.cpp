//===- CostInterface.cpp - Ops that know their cost -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/interfaces/CostInterface.h"

#include "dialects/interfaces/CostInterface.cpp.inc"

heed::Counts
heed::countBelow(mlir::Operation *root, const StepSizes &sizes,
                 llvm::function_ref<bool(mlir::Operation *)> isLeftOut) {
  Counts counts;
  root->walk<mlir::WalkOrder::PreOrder>([&](mlir::Operation *op) {
    if (isLeftOut && isLeftOut(op))
      return mlir::WalkResult::skip();
    if (auto costly = mlir::dyn_cast<CostInterface>(op))
      counts += costly.getCounts(sizes);
    return mlir::WalkResult::advance();
  });
  return counts;
}
