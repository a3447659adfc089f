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

/// The panel that a program works on, and its place in every tensor of the
/// shape of `like`.
class PanelSpace {
public:
  /// `like` is an argument of the group (B x N x C or B x H x N x D); `tokens`
  /// is its N. `head` is null for three dimensions.
  PanelSpace(KernelWriter &k, int64_t heads, mlir::Value batch,
             mlir::Value head, mlir::Value tokens)
      : k_(k), heads_(heads), batch_(batch), head_(head), tokens_(tokens) {}

  /// Views the panel in `buffer`, whose rows have `width` columns.
  mlir::Value view(mlir::Value buffer, int64_t width);
  /// Views the columns that `split` or a merge puts elsewhere: head `piece` of
  /// the result if the group ends in split_heads.
  mlir::Value resultView(mlir::Value buffer, mlir::Operation *viewOp,
                         int64_t width, mlir::Value splitHead);

  mlir::Value getTokens() const { return tokens_; }
  mlir::Value getBatch() const { return batch_; }
  mlir::Value getHead() const { return head_; }

private:
  KernelWriter &k_;
  int64_t heads_;
  mlir::Value batch_, head_, tokens_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_PANEL_H
