//===- Tile.h - The tile dialect --------------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The kernel level: loops over tiles, written once and lowered per target.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_TILE_TILE_H
#define HEED_DIALECTS_TILE_TILE_H

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/OpImplementation.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include "dialects/tile/TileDialect.h.inc"
#include "dialects/tile/TileEnums.h.inc"

namespace heed::tile {

/// One dimension of a kernel's grid: `ceil(argument / divisor)` programs, or
/// `divisor` programs where `argument` is negative.
struct GridExtent {
  int64_t argument = -1;
  int64_t divisor = 1;
};

/// Whether `type` is a tile: a tensor of static shape, of rank 1 or 2, and of
/// f32, bf16, i32 or i1.
bool isTile(mlir::Type type);

/// Fill the regions of a stream; they return what the region yields.
using StreamWhereFn = llvm::function_ref<mlir::Value(
    mlir::OpBuilder &, mlir::Location, mlir::Value step)>;
using StreamLoadFn = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::OpBuilder &, mlir::Location, mlir::Value step)>;
using StreamBodyFn = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::OpBuilder &, mlir::Location, mlir::Value step,
    mlir::ValueRange loaded, mlir::ValueRange carried)>;
using StreamCombineFn = llvm::function_ref<llvm::SmallVector<mlir::Value>(
    mlir::OpBuilder &, mlir::Location, mlir::ValueRange first,
    mlir::ValueRange second)>;

} // namespace heed::tile

#define GET_ATTRDEF_CLASSES
#include "dialects/tile/TileAttrs.h.inc"

#define GET_OP_CLASSES
#include "dialects/tile/TileOps.h.inc"

#endif // HEED_DIALECTS_TILE_TILE_H
