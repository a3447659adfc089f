//===- Product.h - A tile of rows times a weight ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What MatMul and MatVec share: blocks of output columns that lie in one head
/// each, and the loop over the depth of the product.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_PRODUCT_H
#define HEED_PASSES_LOWER_TO_TILE_PRODUCT_H

#include "dialects/attn/Attn.h"
#include "passes/lower/to_tile/KernelWriter.h"

namespace heed {

/// Where a block of output columns begins: in the row, and in its head.
struct ColumnBlock {
  mlir::Value column;
  mlir::Value head;
  mlir::Value inHead;
};

/// Cuts the output columns into blocks of one width; the last block of a head
/// may stick out of it, which stores clip.
class ColumnBlocks {
public:
  ColumnBlocks(int64_t columns, int64_t heads, int64_t limit)
      : columns_(columns), headWidth_(columns / heads), heads_(heads),
        width_(std::min(limit, headWidth_)) {}

  int64_t getColumns() const { return columns_; }
  int64_t getWidth() const { return width_; }
  int64_t getCount() const { return heads_ * perHead(); }
  ColumnBlock place(KernelWriter &k, mlir::Value number) const;

private:
  int64_t perHead() const { return (headWidth_ + width_ - 1) / width_; }

  int64_t columns_, headWidth_, heads_, width_;
};

/// The loop over the depth of a linear.
class Product {
public:
  Product(KernelWriter &k, attn::LinearOp op, int64_t depthBlock);

  int64_t getDepth() const { return depth_; }

  /// Returns `rows` x `columns` of the product in f32, with the bias: rows of
  /// the view `input` from `row` on, columns from `column` on.
  mlir::Value write(mlir::Value input, mlir::Value row, int64_t rows,
                    mlir::Value column, int64_t columns);

private:
  mlir::Value step(mlir::Value input, mlir::Value weight, mlir::Value acc);

  KernelWriter &k_;
  attn::LinearOp op_;
  int64_t depth_;
  int64_t block_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_PRODUCT_H
