//===- TileClasses.h - Tiles that are best held alike -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What every lowering of kernels asks of tile values: whose second name one
/// is, who uses it, and which others should be held as it is.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_TILECLASSES_H
#define HEED_PASSES_LOWER_KERNEL_TILECLASSES_H

#include "dialects/tile/Tile.h"

#include "llvm/ADT/DenseMap.h"

namespace heed {

/// Returns the value that `value` is a second name of: what a stream's load
/// yields for a body's argument, the source for a widening (narrow tiles are
/// held in f32), or `value` itself.
mlir::Value resolve(mlir::Value value);

/// Calls `visit` for each use of `value` under any of its names; stops and
/// returns false when a call does.
bool allUses(mlir::Value value,
             llvm::function_ref<bool(mlir::OpOperand &)> visit);

/// Whether `op` works on tiles element by element and returns one.
bool isElementwiseOnTiles(mlir::Operation *op);

/// Whether `op` makes a tile that costs nothing to make again: a constant, a
/// splat, a broadcast, consecutive numbers.
bool isFree(mlir::Operation *op);

/// Whether `value` is seen to be a multiple of `factor` wherever it is
/// computed. Looks through at most `depth` ops.
bool isMultipleOf(mlir::Value value, int64_t factor, int depth = 8);

/// Whether a tile of `size` at `start` is seen to lie inside `extent`, given
/// that its start does.
bool liesInside(mlir::Value start, int64_t extent, int64_t size);

/// The tiles of one rank in a kernel, in classes: elementwise ops, products
/// into an accumulator, and loops and branches connect them.
class TileClasses {
public:
  TileClasses(tile::KernelOp kernel, int64_t rank);

  /// Returns the value that stands for the class of `value`.
  mlir::Value leader(mlir::Value value);

private:
  bool isMember(mlir::Value value) const;
  void unite(mlir::Value x, mlir::Value y);
  void unite(mlir::ValueRange xs, mlir::ValueRange ys);
  void connect(mlir::Operation *op);

  int64_t rank;
  llvm::DenseMap<mlir::Value, mlir::Value> parents;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_TILECLASSES_H
