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
  /// Whether the GPU has asynchronous products of whole warp groups (sm_90a),
  /// which want larger blocks of attention.
  bool hasWarpGroups = false;

  /// Depth of a step of a product of `element`s: of many rows, of few rows
  /// beside many columns, and of few rows beside few.
  int64_t depth(mlir::Type element) const { return choose(element, 128, 128); }
  int64_t fewRowsDepth(mlir::Type element) const {
    return choose(element, 512, 256);
  }
  int64_t matVecDepth(mlir::Type element) const {
    return choose(element, 512, 256);
  }
  /// Queries of a program of attention in prefill, and keys of a step, for
  /// heads of `width` channels: keys, queries, values. What is done to scores
  /// beside scaling and a plain mask needs registers (`isPlain`: nothing); many
  /// keys in a step are worth it where there are many (`isLong`).
  int64_t queries(mlir::Type element, int64_t width, bool isPlain) const {
    if (!fitsWarpGroups(element, width))
      return 64;
    // Narrow heads need more warps to hide their exponentials.
    return width == 64 && isPlain ? 192 : 128;
  }
  int64_t prefillKeys(mlir::Type element, int64_t width, bool isPlain,
                      bool isLong) const {
    if (!fitsWarpGroups(element, width))
      return keys(element);
    return width == 128 && isPlain && isLong ? 176 : 128;
  }
  int64_t keys(mlir::Type element) const { return choose(element, 64, 128); }
  /// The same where a program has `rows` queries of one token. Few rows are
  /// shared out by steps, one for each warp: small ones, of which several fit.
  int64_t decodeKeys(mlir::Type element, int64_t rows) const {
    return isGpu && rows <= 16 ? 16 : keys(element);
  }

private:
  bool fitsWarpGroups(mlir::Type element, int64_t width) const {
    return hasWarpGroups && element.isBF16() && (width == 64 || width == 128);
  }
  int64_t choose(mlir::Type element, int64_t onCpu, int64_t bytesOnGpu) const {
    return isGpu ? bytesOnGpu * 8 / element.getIntOrFloatBitWidth() : onCpu;
  }
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_BLOCKSIZES_H
