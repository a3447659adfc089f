//===- Distribution.h - Which thread holds what of a tile -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// All tiles of a kernel are spread over its threads by one rule. Warps share
/// the rows out in blocks; the lanes of a warp stand in a grid over a block.
/// With `m` a block, `h` a half of it, `j` a step to the right:
///
///     row    = ((m * warps + warp) * halves + h) * laneRows + laneRow
///     column = (j * laneColumns + laneColumn) * width + v,  v < width
///
/// A kernel with products has 8 x 4 lanes, two halves and width 2: what the
/// matrix unit calls an accumulator, and, packed in pairs, its left operand.
/// Other kernels have as few rows of lanes as their tiles need.
///
/// A 1-D tile lies as the rows of such a tile do (`Rows`: one number for each
/// row that a thread holds) or as its columns do (`Columns`); every thread that
/// would need a number has it. A tile of fewer blocks than warps is held, and
/// computed, more than once.
///
/// Where one warp would hold all rows and a stream may be divided, there are
/// several `parts`: warps of which each holds all (EmitParts.cpp).
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_DISTRIBUTION_H
#define HEED_PASSES_LOWER_NVGPU_DISTRIBUTION_H

#include "dialects/tile/Tile.h"

namespace heed::nvgpu {

/// How the numbers of a tile lie in the registers of threads; 2-D tiles are
/// `Matrix`, 1-D tiles one of the others.
enum class Layout { Matrix, Rows, Columns };

struct Distribution {
  int64_t warps = 1;
  int64_t halves = 1;
  int64_t laneRows = 1;
  int64_t laneColumns = 32;
  int64_t width = 4;
  int64_t parts = 1;

  /// Chooses for all tiles of `kernel`.
  static Distribution of(tile::KernelOp kernel);
  /// Chooses for the tiles that `op`'s body makes, on `warps` warps.
  static Distribution of(tile::FinishOp op, int64_t warps);

  int64_t threads() const { return 32 * warps * parts; }
  /// Rows of a warp's block, and such blocks of a tile.
  int64_t blockRows() const { return halves * laneRows; }
  int64_t blocks(int64_t rows) const {
    return llvm::divideCeil(rows, blockRows());
  }
  /// Warps that hold different rows.
  int64_t owners(int64_t rows) const { return std::min(warps, blocks(rows)); }
  /// Rows and steps to the right that a thread holds of a tile.
  int64_t rowsOfThread(int64_t rows) const;
  int64_t stepsOfThread(int64_t columns) const {
    return llvm::divideCeil(columns, laneColumns * width);
  }
  /// Rows and columns that all threads together hold, outside included.
  int64_t coveredRows(int64_t rows) const;
  int64_t coveredColumns(int64_t columns) const {
    return stepsOfThread(columns) * laneColumns * width;
  }
  /// The row of a thread's slot, without what depends on the thread.
  int64_t rowOffset(int64_t slot) const {
    return (slot / halves * warps * halves + slot % halves) * laneRows;
  }
  int64_t columnOffset(int64_t step) const {
    return step * laneColumns * width;
  }
  /// Registers that a thread needs for a tile.
  int64_t registers(mlir::RankedTensorType type, Layout layout) const;
};

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_DISTRIBUTION_H
