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

/// Which steps to take over a segment.
struct StepRange {
  mlir::Value lower, upper;
  /// Whether there may be steps between them that no row sees.
  bool hasGaps = false;
};

class Visibility {
public:
  /// Loads what the queries of `rows` need. `total` is the number of keys of
  /// all segments, for queries without positions.
  Visibility(KernelWriter &k, const AttentionSite &site, const QueryRows &rows,
             mlir::Value total);

  /// Returns the steps of `count` keys of which rows may see one.
  StepRange findSteps(const KeySegment &segment, int64_t count);
  /// Returns whether a row may see one of the `count` keys from `step` on.
  mlir::Value mayBeVisible(const KeySegment &segment, mlir::Value step,
                           int64_t count);

  /// Loads the numbers of a block of keys: positions, segments.
  llvm::SmallVector<mlir::Value> load(const KeySegment &segment,
                                      mlir::Value step, int64_t count);

  /// Returns the positions of a block's keys, -1 behind the segment's end.
  mlir::Value getKeyPositions(const KeySegment &segment, mlir::Value step,
                              int64_t count, mlir::ValueRange loaded);

  /// Returns whether every row sees all of these keys, as far as a glance at
  /// their ends tells; null if it never does.
  mlir::Value seesAll(const KeySegment &segment, mlir::Value step,
                      int64_t count, mlir::ValueRange loaded);

  /// Returns which keys each row sees, rows x count of i1.
  mlir::Value getMask(mlir::Value keyPositions, mlir::ValueRange loaded);

  mlir::Value getQueryPositions() const { return positions_; }

private:
  mlir::Value findLeastReach();
  mlir::Value inSight(mlir::Value keys, int64_t count);
  /// Whether a causal row may see keys from position `first` to `last`.
  mlir::Value mayBeInSight(mlir::Value first, mlir::Value last);
  mlir::Value toPosition(mlir::Value index);
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
  mlir::Value earliest_, latest_, leastReach_, mostReach_, mostSinks_,
      mostPrefix_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_VISIBILITY_H
