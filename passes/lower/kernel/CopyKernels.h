//===- CopyKernels.h - The kernels of a module, apart -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_COPYKERNELS_H
#define HEED_PASSES_LOWER_KERNEL_COPYKERNELS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace heed {

/// A module that holds copies of the kernels of `module` alone, in order.
mlir::OwningOpRef<mlir::ModuleOp> copyKernels(mlir::ModuleOp module);

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_COPYKERNELS_H
