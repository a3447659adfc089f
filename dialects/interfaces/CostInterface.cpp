//===- CostInterface.cpp - Ops that know their cost -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/interfaces/CostInterface.h"

#include "dialects/interfaces/CostInterface.cpp.inc"

heed::Counts heed::countBelow(mlir::Operation *root, const StepSizes &sizes) {
  Counts counts;
  root->walk([&](CostInterface op) { counts += op.getCounts(sizes); });
  return counts;
}
