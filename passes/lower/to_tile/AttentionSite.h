//===- AttentionSite.h - What an attention group reads ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Attention as the kernels see it: one record for `attention` and
/// `attention_partial`, the rows of a program's score tile, and the segments of
/// keys, whether they are tensors of the step or lie in a cache.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_ATTENTIONSITE_H
#define HEED_PASSES_LOWER_TO_TILE_ATTENTIONSITE_H

#include "dialects/attn/Attn.h"
#include "passes/lower/to_tile/KernelWriter.h"

namespace heed {

/// What `attn.attention` and `attn.attention_partial` have in common.
struct AttentionSite {
  mlir::Operation *op = nullptr;
  mlir::Value query;
  mlir::ValueRange keys, values;
  mlir::Value queryPositions, querySegments;
  mlir::ValueRange keyPositions, keySegments;
  attn::MaskAttr mask;
  float scale = 1;
  std::optional<float> softcap;
  mlir::Region *score = nullptr;
  int64_t queryHeads = 0, keyHeads = 0, width = 0, valueWidth = 0;

  int64_t getGroupSize() const { return queryHeads / keyHeads; }
};

/// Finds the attention of a group.
AttentionSite findAttention(mlir::func::FuncOp group);

/// How queries are shared out.
struct QueryBlock {
  bool isDecode = false;
  int64_t tokens = 64; ///< Of a program in prefill.
  /// Whether programs that have the most keys to see come first; in prefill.
  bool longestFirst = false;
};

/// The queries of one program: the rows of its score tile.
///
/// In prefill they are consecutive tokens of one head; in decode the query
/// heads of one key head, at one token.
class QueryRows {
public:
  /// Reads the program's place from its grid, which it sets.
  QueryRows(KernelWriter &k, const AttentionSite &site,
            const QueryBlock &block);

  int64_t getCount() const { return count_; }
  mlir::Value getFirst() const { return first_; }
  mlir::Value getSequence() const { return sequence_; }
  mlir::Value getKeyHead() const { return keyHead_; }
  mlir::Value getTokens() const { return tokens_; }

  /// Returns the number of each row's head, i32.
  mlir::Value getHeads() const;
  /// Returns the index of each row's token, i32.
  mlir::Value getTokenNumbers() const;
  /// Loads a number per row from `buffer`, B x N of i32.
  mlir::Value loadNumbers(mlir::Value buffer) const;
  /// Returns per row the number that `values` has for its head.
  mlir::Value perHead(llvm::ArrayRef<int64_t> values) const;

  /// Views the rows of `buffer`: B x H x N x width, or with `merged`
  /// B x N x (H * width).
  mlir::Value view(mlir::Value buffer, int64_t width,
                   bool merged = false) const;
  /// Views the rows' numbers in `buffer`, B x H x N.
  mlir::Value line(mlir::Value buffer) const;

private:
  mlir::Value firstPanel() const;

  KernelWriter &k_;
  const AttentionSite &site_;
  bool decode_;
  int64_t count_;
  mlir::Value sequence_, head_, keyHead_, token_, tokens_, first_;
};

/// One segment of keys of one sequence and key head.
struct KeySegment {
  mlir::Value keys, values; ///< Views, length x width.
  mlir::Value length;
  mlir::Value positions; ///< A view of i32, or null: `start` + index.
  mlir::Value segments;  ///< A view of i32, or null.
  mlir::Value start;     ///< Keys of the segments before.
};

/// Builds the views of all segments for the rows' sequence and head.
llvm::SmallVector<KeySegment>
viewSegments(KernelWriter &k, const AttentionSite &site, const QueryRows &rows);

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_ATTENTIONSITE_H
