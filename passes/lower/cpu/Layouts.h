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

#include "passes/lower/kernel/TileClasses.h"

namespace heed::cpu {

/// `Rows`: element (r, c) is lane c of vector r, as in memory. `Columns`: it is
/// lane r of vector c.
enum class Layout { Rows, Columns };

/// How a product is computed; see the table above.
enum class MmaForm { LanesM, LanesN, Dot };

/// Returns the form of `op`, from its shapes alone.
MmaForm formOf(tile::MmaOp op);

/// The layouts of one kernel's 2-D tiles.
class Layouts {
public:
  explicit Layouts(tile::KernelOp kernel);

  /// Returns the layout of a 2-D tile; 1-D tiles are all `Rows`.
  Layout of(mlir::Value tile);

private:
  void prefer(mlir::Value value, Layout layout);

  TileClasses classes;
  llvm::DenseMap<mlir::Value, Layout> chosen;
};

} // namespace heed::cpu

#endif // HEED_PASSES_LOWER_CPU_LAYOUTS_H
