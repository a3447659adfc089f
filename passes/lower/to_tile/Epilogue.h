//===- Epilogue.h - What follows a group's root -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Applies the elementwise ops of a group to a tile of its root's value.
///
/// All floats are f32 here; what is stored is rounded once. Roundings at op
/// results inside a group are left out, which only brings the result nearer to
/// exact arithmetic.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_EPILOGUE_H
#define HEED_PASSES_LOWER_TO_TILE_EPILOGUE_H

#include "passes/lower/to_tile/KernelWriter.h"

#include "mlir/IR/IRMapping.h"

namespace heed {

class Epilogue {
public:
  /// Loads the tile of a group's argument that lies where the root's does.
  using LoadFn = llvm::function_ref<mlir::Value(mlir::Value)>;

  /// Reads the ops of `group` behind `root`, which may be null: then the
  /// values are those of the group's arguments.
  Epilogue(mlir::func::FuncOp group, mlir::Operation *root);

  /// Returns the group's value for `tile`, the root's.
  mlir::Value apply(KernelWriter &k, mlir::Value tile, LoadFn load) const;

  /// Returns the view that the group ends in, or null.
  mlir::Operation *getView() const { return view_; }
  /// Returns the type of the values before the view.
  mlir::RankedTensorType getType() const { return type_; }

private:
  mlir::Operation *root_;
  llvm::SmallVector<mlir::Operation *> ops_;
  mlir::Operation *view_ = nullptr;
  mlir::RankedTensorType type_;
  mlir::Value value_;
};

/// Clones `op`, whose operands `mapping` maps to tiles of `shape`, scalars, or
/// nothing (constants are then cloned), as an op on f32 tiles.
void cloneOnTiles(KernelWriter &k, mlir::Operation *op,
                  llvm::ArrayRef<int64_t> shape, mlir::IRMapping &mapping);

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_EPILOGUE_H
