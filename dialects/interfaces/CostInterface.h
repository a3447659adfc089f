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

/// Adds up the counts of all ops below `root`, those of layers and skips once.
Counts countBelow(mlir::Operation *root, const StepSizes &sizes);

} // namespace heed

#endif // HEED_DIALECTS_INTERFACES_COSTINTERFACE_H
