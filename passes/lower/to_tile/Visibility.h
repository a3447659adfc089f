//===- Visibility.h - Which keys of a block a query sees --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// `#attn.mask` on tiles: what is computed once per program, the test whether
/// a block of keys holds any that is in sight, and the mask of a block.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_VISIBILITY_H
#define HEED_PASSES_LOWER_TO_TILE_VISIBILITY_H

#include "passes/lower/to_tile/AttentionSite.h"

namespace heed {

class Visibility {
public:
  /// Loads what the queries of `rows` need. `total` is the number of keys of
  /// all segments, for queries without positions.
  Visibility(KernelWriter &k, const AttentionSite &site, const QueryRows &rows,
             mlir::Value total);

  /// Returns whether a row may see one of the `count` keys from `step` on.
  mlir::Value mayBeVisible(const KeySegment &segment, mlir::Value step,
                           int64_t count);

  /// Loads the numbers of a block of keys: positions, segments.
  llvm::SmallVector<mlir::Value> load(const KeySegment &segment,
                                      mlir::Value step, int64_t count);

  /// Returns the positions of a block's keys, -1 behind the segment's end.
  mlir::Value getKeyPositions(const KeySegment &segment, mlir::Value step,
                              int64_t count, mlir::ValueRange loaded);

  /// Returns which keys each row sees, rows x count of i1.
  mlir::Value getMask(mlir::Value keyPositions, mlir::ValueRange loaded);

  mlir::Value getQueryPositions() const { return positions_; }

private:
  mlir::Value loadPositions(const KeySegment &segment, mlir::Value step,
                            int64_t count);
  mlir::Value inSight(mlir::Value keys, int64_t count);
  mlir::Value compare(mlir::arith::CmpIPredicate predicate, mlir::Value x,
                      mlir::Value y);
  mlir::Value both(mlir::Value x, mlir::Value y);
  mlir::Value either(mlir::Value x, mlir::Value y);

  KernelWriter &k_;
  const AttentionSite &site_;
  int64_t rows_;
  /// Per row, i32; null where the mask has no such term. `reach_` is the last
  /// position that is out of the window's reach.
  mlir::Value positions_, segments_, reach_, sinks_, prefix_;
  /// Over all rows.
  mlir::Value latest_, leastReach_, mostSinks_, mostPrefix_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_VISIBILITY_H
