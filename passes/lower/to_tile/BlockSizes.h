//===- BlockSizes.h - How large the tiles of kernels are --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The sizes that loop shapes leave to the target. On a CPU a step's tiles
/// shall fill its caches; on a GPU several steps of several programs shall fit
/// into shared memory, so sizes along rows are given in bytes there.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_BLOCKSIZES_H
#define HEED_PASSES_LOWER_TO_TILE_BLOCKSIZES_H

#include "mlir/IR/Types.h"

namespace heed {

struct BlockSizes {
  bool isGpu = false;

  /// Depth of a step of a product of `element`s: of many rows, of few rows
  /// beside many columns, and of few rows beside few.
  int64_t depth(mlir::Type element) const { return choose(element, 128, 128); }
  int64_t fewRowsDepth(mlir::Type element) const {
    return choose(element, 512, 256);
  }
  int64_t matVecDepth(mlir::Type element) const {
    return choose(element, 512, 256);
  }
  /// Keys of a step of attention.
  int64_t keys(mlir::Type element) const { return choose(element, 64, 128); }
  /// The same where a program has `rows` queries of one token. Few rows are
  /// shared out by steps, one for each warp: small ones, of which several fit.
  int64_t decodeKeys(mlir::Type element, int64_t rows) const {
    return isGpu && rows <= 16 ? 16 : keys(element);
  }

private:
  int64_t choose(mlir::Type element, int64_t onCpu, int64_t bytesOnGpu) const {
    return isGpu ? bytesOnGpu * 8 / element.getIntOrFloatBitWidth() : onCpu;
  }
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_BLOCKSIZES_H
