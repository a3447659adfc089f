//===- KernelWriter.h - Build one kernel of a group -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Builds a `tile.kernel` beside its group. Arguments appear when they are
/// first asked for, each with the word that fills it:
///
///     KernelWriter k(group);
///     Value n = k.tokens(0);
///     k.setGrid({{k.batch(), 1}, {n, 16}});
///     Value x = k.load(k.view(k.argument(0), ...), ...);
///     k.finish();
///
/// Between groups every value lies in memory row-major in the shape of its
/// tensor type. Inside, floats are held in f32.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_KERNELWRITER_H
#define HEED_PASSES_LOWER_TO_TILE_KERNELWRITER_H

#include "dialects/tile/Tile.h"
#include "passes/lower/Launch.h"

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace heed {

/// One dimension of a grid: as many programs as pieces of `divisor` cover
/// `size`, or `divisor` programs where `size` is null.
struct GridDimension {
  mlir::Value size;
  int64_t divisor = 1;
};

class KernelWriter {
public:
  /// Opens the kernel `GROUP_kernel`, before `group` in the module.
  explicit KernelWriter(mlir::func::FuncOp group);

  mlir::func::FuncOp getGroup() const { return group_; }
  mlir::ImplicitLocOpBuilder &builder() { return b_; }

  /// Return the kernel's argument that stands for a word.
  mlir::Value argument(unsigned number);
  mlir::Value argument(mlir::Value value);
  mlir::Value result(unsigned number);
  mlir::Value batch();
  /// Returns N or R, the dynamic size of dimension `rank - 2` of `value`, an
  /// argument of the group.
  mlir::Value tokens(mlir::Value value);
  mlir::Value slots();
  mlir::Value cacheField(mlir::Value cache, unsigned field);
  mlir::Value cachePositions(mlir::Value cache);
  mlir::Value cacheCounts(mlir::Value cache);
  mlir::Value cacheCapacity(mlir::Value cache);

  /// Fixes the grid, slowest dimension first. The host may round the number of
  /// programs up in the first dimension: open the body with `onlyBelow`.
  void setGrid(llvm::ArrayRef<GridDimension> grid);
  mlir::Value program(int64_t dimension);
  /// Puts what follows under `value < bound`; `finish` closes it.
  void onlyBelow(mlir::Value value, mlir::Value bound);
  /// Says that the kernel computes a product.
  void setProduct(std::optional<LaunchProduct> product) { product_ = product; }
  /// Ends the kernel and writes `launches` to the group, which becomes a
  /// declaration.
  void finish();

  // Index arithmetic; constants fold.
  mlir::Value index(int64_t value);
  mlir::Value add(mlir::Value x, mlir::Value y);
  mlir::Value subtract(mlir::Value x, mlir::Value y);
  mlir::Value multiply(mlir::Value x, mlir::Value y);
  mlir::Value multiply(mlir::Value x, int64_t y);
  mlir::Value divide(mlir::Value x, int64_t y);
  mlir::Value remainder(mlir::Value x, int64_t y);
  mlir::Value minimum(mlir::Value x, mlir::Value y);
  /// Casts an index to i32 or back.
  mlir::Value castIndex(mlir::Value x, mlir::Type type);

  // Views.
  mlir::Value view(mlir::Value buffer, mlir::Value offset,
                   llvm::ArrayRef<mlir::OpFoldResult> sizes,
                   llvm::ArrayRef<mlir::OpFoldResult> strides);
  /// Views `rows` x `columns` from `offset` on, rows `stride` apart.
  mlir::Value rows(mlir::Value buffer, mlir::Value offset,
                   mlir::OpFoldResult rows, mlir::OpFoldResult columns,
                   mlir::OpFoldResult stride);
  mlir::Value line(mlir::Value buffer, mlir::Value offset,
                   mlir::OpFoldResult size);
  mlir::OpFoldResult fixed(int64_t value) { return b_.getIndexAttr(value); }

  // Tiles. Loads keep the element type; `store` rounds to the view's.
  mlir::Value load(mlir::Value view, llvm::ArrayRef<mlir::Value> at,
                   llvm::ArrayRef<int64_t> shape);
  void store(mlir::Value tile, mlir::Value view,
             llvm::ArrayRef<mlir::Value> at);
  /// Returns the float tile `tile` in f32, or in `type`.
  mlir::Value widen(mlir::Value tile);
  mlir::Value narrow(mlir::Value tile, mlir::Type element);
  mlir::Value splat(float value, llvm::ArrayRef<int64_t> shape);
  mlir::Value splat(int32_t value, llvm::ArrayRef<int64_t> shape);
  /// Repeats a scalar in a tile.
  mlir::Value splat(mlir::Value scalar, llvm::ArrayRef<int64_t> shape);
  /// Repeats a 1-D tile: a value per row, or a value per column.
  mlir::Value perRow(mlir::Value tile, int64_t columns);
  mlir::Value perColumn(mlir::Value tile, int64_t rows);
  mlir::Value reduce(tile::ReduceKind kind, mlir::Value tile,
                     int64_t dimension);
  mlir::Value iota(mlir::Value start, int64_t count);

private:
  mlir::Value word(LaunchWord word, mlir::Type type);
  unsigned numberOf(mlir::Value value);

  mlir::func::FuncOp group_;
  tile::KernelOp kernel_;
  mlir::ImplicitLocOpBuilder b_;
  llvm::SmallVector<LaunchWord> words_;
  std::optional<LaunchProduct> product_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_KERNELWRITER_H
