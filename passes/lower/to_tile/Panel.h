//===- Panel.h - Where tensors of heads lie in memory -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A panel is what of a tensor one sequence (and head) has: tokens x width. A
/// tensor B x N x C has one panel a sequence, a tensor B x H x N x D one for
/// each head of it. `PanelSpace` hands out views of panels, and tiles of them.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_PANEL_H
#define HEED_PASSES_LOWER_TO_TILE_PANEL_H

#include "passes/lower/to_tile/Epilogue.h"
#include "passes/lower/to_tile/KernelWriter.h"

namespace heed {

/// Consecutive columns of a panel that one tile holds.
struct Piece {
  int64_t first;
  int64_t width;
};

/// Cuts `width` columns, which hold `heads` heads, into pieces of at most
/// `limit` columns that lie in one head each.
llvm::SmallVector<Piece> cutColumns(int64_t width, int64_t heads,
                                    int64_t limit);

/// Returns how many heads `view` (split_heads, or anything else) splits into.
int64_t getSplitHeads(mlir::Operation *view);

/// The panel that a program works on, and its place in all tensors of the same
/// heads and tokens.
class PanelSpace {
public:
  /// `head` is null for three dimensions; `tokens` is N.
  PanelSpace(KernelWriter &k, int64_t heads, mlir::Value batch,
             mlir::Value head, mlir::Value tokens)
      : k_(k), heads_(heads), batch_(batch), head_(head), tokens_(tokens) {}

  /// Views the panel in `buffer`, whose rows have `width` columns.
  mlir::Value view(mlir::Value buffer, int64_t width);
  /// Views the panel's numbers in `buffer`, one per row: B x H x N.
  mlir::Value line(mlir::Value buffer);
  /// Views the place of the group's result if the group ends in `viewOp`, or
  /// in none: of split_heads, the rows of head `splitHead`.
  mlir::Value resultView(mlir::Value buffer, mlir::Operation *viewOp,
                         int64_t width, mlir::Value splitHead);

  mlir::Value getTokens() const { return tokens_; }
  mlir::Value getBatch() const { return batch_; }
  mlir::Value getHead() const { return head_; }

private:
  mlir::Value number() const;

  KernelWriter &k_;
  int64_t heads_;
  mlir::Value batch_, head_, tokens_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_PANEL_H
