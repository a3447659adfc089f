//===- RowFrame.h - Kernels that work row by row ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What norm, rotary, embed, gather_tokens and plain elementwise groups share:
/// a program takes a few rows of one panel and goes over their columns in
/// pieces. A piece lies in one head, so that views of heads cost nothing.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_ROWFRAME_H
#define HEED_PASSES_LOWER_TO_TILE_ROWFRAME_H

#include "passes/lower/to_tile/Panel.h"

namespace heed {

class RowFrame {
public:
  /// Opens the kernel of `group`, whose rows are those of `epilogue`'s type;
  /// `sized` is an argument that has its tokens.
  RowFrame(mlir::func::FuncOp group, mlir::Operation *root, mlir::Value sized);

  KernelWriter &writer() { return k_; }
  PanelSpace &space() { return *space_; }
  int64_t getRows() const { return rows_; }
  int64_t getWidth() const;
  mlir::Value getFirstRow() const { return row_; }

  /// Returns the pieces of a row.
  llvm::SmallVector<Piece> getPieces() const;

  /// Loads a piece of `argument`, of the rows' shape, as f32.
  mlir::Value load(mlir::Value argument, Piece piece);
  /// Loads a piece of `argument`, which has one number per column, as f32.
  mlir::Value loadColumns(mlir::Value argument, Piece piece);
  /// Loads the numbers that `argument`, B x N of i32, has for these rows.
  mlir::Value loadRows(mlir::Value argument);

  /// Loads, or stores as result `number`, one f32 for each row: B x H x N.
  mlir::Value loadLine(mlir::Value argument);
  void storeLine(mlir::Value line, unsigned number);

  /// Stores as result `number` what the epilogue makes of `tile`, a piece of
  /// the root's value; null if there is no root.
  void store(mlir::Value tile, Piece piece, unsigned number = 0);
  void finish() { k_.finish(); }

private:
  Epilogue epilogue_;
  KernelWriter k_;
  std::optional<PanelSpace> space_;
  int64_t rows_;
  mlir::Value row_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_ROWFRAME_H
