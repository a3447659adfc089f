//===- CostInterface.h - Ops that know their cost ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Work and traffic by op (heed/Cost/Counts.h).
///
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_INTERFACES_COSTINTERFACE_H
#define HEED_DIALECTS_INTERFACES_COSTINTERFACE_H

#include "heed/Cost/Counts.h"

#include "mlir/IR/OpDefinition.h"

#include "dialects/interfaces/CostInterface.h.inc"

namespace heed {

/// Adds up the counts of `root` and all ops below it, those of layers and skips
/// once, without the ops that `isLeftOut` names and what is below these.
Counts
countBelow(mlir::Operation *root, const StepSizes &sizes,
           llvm::function_ref<bool(mlir::Operation *)> isLeftOut = nullptr);

} // namespace heed

#endif // HEED_DIALECTS_INTERFACES_COSTINTERFACE_H
