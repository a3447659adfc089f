//===- ProgramId.h - Where a program stands in its grid ---------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_PROGRAMID_H
#define HEED_PASSES_LOWER_KERNEL_PROGRAMID_H

#include "dialects/tile/Tile.h"

#include "mlir/IR/IRMapping.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace heed {

/// Builds what `op` gives in the program number `program`; `scalars` maps the
/// kernel's arguments.
mlir::Value buildProgramId(mlir::ImplicitLocOpBuilder &b, tile::ProgramIdOp op,
                           mlir::Value program, mlir::IRMapping &scalars);

/// Builds the number of programs in the grid of `kernel`.
mlir::Value buildProgramCount(mlir::ImplicitLocOpBuilder &b,
                              tile::KernelOp kernel, mlir::IRMapping &scalars);

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_PROGRAMID_H
