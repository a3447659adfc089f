//===- Layouts.h - Which dimension of a tile lies in the lanes --*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one decision of the CPU lowering: each 2-D tile is stored as vectors
/// along its rows or along its columns. A product fixes the layout of its
/// result, elementwise ops hand it on, and what nobody fixes stays natural.
///
/// | product of M x K by K x N           | form      | vectors | scalars |
/// |-------------------------------------|-----------|---------|---------|
/// | M > 8                               | LanesM    | a^T     | b       |
/// | M > 8 with transpose_a, M <= 8      | LanesN    | b       | a       |
/// | M <= 8 with transpose_b             | Dot       | a, b^T  |         |
///
/// Scalar operands are read in whatever layout they have, mostly straight from
/// memory.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_CPU_LAYOUTS_H
#define HEED_PASSES_LOWER_CPU_LAYOUTS_H

#include "dialects/tile/Tile.h"

#include "llvm/ADT/DenseMap.h"

namespace heed::cpu {

/// `Rows`: element (r, c) is lane c of vector r, as in memory. `Columns`: it is
/// lane r of vector c.
enum class Layout { Rows, Columns };

/// How a product is computed; see the table above.
enum class MmaForm { LanesM, LanesN, Dot };

/// Returns the form of `op`, from its shapes alone.
MmaForm formOf(tile::MmaOp op);

/// Returns the value that `value` is a second name of: what a stream's load
/// yields for a body's argument, the source for a widening (narrow tiles are
/// held in f32), or `value` itself.
mlir::Value resolve(mlir::Value value);

/// Calls `visit` for each use of `value` under any of its names; stops and
/// returns false when a call does.
bool allUses(mlir::Value value,
             llvm::function_ref<bool(mlir::OpOperand &)> visit);

/// Whether `op` works on tiles element by element and returns one.
bool isElementwise(mlir::Operation *op);

/// Whether `op` makes a tile that costs nothing to make again: a constant, a
/// splat, a broadcast, consecutive numbers.
bool isFree(mlir::Operation *op);

/// The layouts of one kernel's 2-D tiles.
class Layouts {
public:
  explicit Layouts(tile::KernelOp kernel);

  /// Returns the layout of a 2-D tile; 1-D tiles are all `Rows`.
  Layout of(mlir::Value tile);

private:
  mlir::Value leader(mlir::Value value);
  void unite(mlir::Value x, mlir::Value y);
  void unite(mlir::ValueRange xs, mlir::ValueRange ys);
  void connect(mlir::Operation *op);
  void prefer(mlir::Value value, Layout layout);

  llvm::DenseMap<mlir::Value, mlir::Value> parents;
  llvm::DenseMap<mlir::Value, Layout> chosen;
};

} // namespace heed::cpu

#endif // HEED_PASSES_LOWER_CPU_LAYOUTS_H
