//===- LineLayouts.h - Where the numbers of 1-D tiles lie -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Whether a 1-D tile lies as rows or as columns do. Reductions and broadcasts
/// decide, elementwise ops and loops hand it on; what nobody decides lies as
/// columns.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_LINELAYOUTS_H
#define HEED_PASSES_LOWER_NVGPU_LINELAYOUTS_H

#include "passes/lower/kernel/TileClasses.h"
#include "passes/lower/nvgpu/Distribution.h"

namespace heed::nvgpu {

class LineLayouts {
public:
  explicit LineLayouts(tile::KernelOp kernel);

  /// Returns the layout of a tile; 2-D tiles are all `Matrix`.
  Layout of(mlir::Value tile);

private:
  void decide(mlir::Operation *op);
  void prefer(mlir::Value line, Layout layout);

  TileClasses classes;
  llvm::DenseMap<mlir::Value, Layout> chosen;
};

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_LINELAYOUTS_H
