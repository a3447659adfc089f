//===- Scalar.h - Scalars of a kernel ---------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_SCALAR_H
#define HEED_PASSES_LOWER_KERNEL_SCALAR_H

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace heed {

/// Builds what the scalar op `op` computes of the values that `scalars` has for
/// its operands, and adds its result. A number of bf16 is held in f32: to widen
/// it costs nothing, to narrow it is what `round` builds.
void buildScalar(mlir::ImplicitLocOpBuilder &builder, mlir::Operation *op,
                 mlir::IRMapping &scalars,
                 llvm::function_ref<mlir::Value(mlir::Value)> round);

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_SCALAR_H
