//===- Writers.h - The writers of loop shapes -------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// One function per loop shape. Each takes a group (a private function with
/// `attn.group`), puts a `tile.kernel` before it and makes it a declaration,
/// or emits an error at the op it cannot write and leaves the group alone.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_WRITERS_H
#define HEED_PASSES_LOWER_TO_TILE_WRITERS_H

#include "dialects/attn/Attn.h"
#include "passes/lower/to_tile/BlockSizes.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heed {

/// Rows of many tokens times a weight: tokens in the lanes.
llvm::LogicalResult writeMatMul(mlir::func::FuncOp group,
                                const BlockSizes &sizes);
/// Few rows times a weight, which is read once.
llvm::LogicalResult writeMatVec(mlir::func::FuncOp group,
                                const BlockSizes &sizes);
/// Normalisation of rows.
llvm::LogicalResult writeNorm(mlir::func::FuncOp group);
/// Elementwise ops, or a view that copies.
llvm::LogicalResult writeElementwise(mlir::func::FuncOp group);
llvm::LogicalResult writeRotary(mlir::func::FuncOp group);
/// Outputs of several attentions, by their log-sum-exps.
llvm::LogicalResult writeMerge(mlir::func::FuncOp group);
/// Rows of a table or of a step, chosen by numbers.
llvm::LogicalResult writeEmbed(mlir::func::FuncOp group);
llvm::LogicalResult writeGatherTokens(mlir::func::FuncOp group);
/// Softmax attention: a block of queries of one head a program, or the query
/// heads of one key head and one token.
llvm::LogicalResult writeDenseAttention(mlir::func::FuncOp group,
                                        const BlockSizes &sizes);
llvm::LogicalResult writeDecodeAttention(mlir::func::FuncOp group,
                                         const BlockSizes &sizes);

/// Returns whether the group belongs to @decode, where N is 1.
bool isDecode(mlir::func::FuncOp group);

/// Returns the op of type `Op` in the body of `group`, or null.
template <typename Op> Op findRoot(mlir::func::FuncOp group) {
  for (mlir::Operation &op : group.getBody().front())
    if (auto root = llvm::dyn_cast<Op>(op))
      return root;
  return Op();
}

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_WRITERS_H
