//===- MatVec.cpp - Few rows times a weight -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Panel.h"
#include "passes/lower/to_tile/Product.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed {

/// Rows of a tile where there are several, and output columns of a program.
static constexpr int64_t rowBlock = 8;
static constexpr int64_t columnBlock = 32;

namespace {
/// Writes one program per block of columns, which goes over all rows: B, or
/// B * R where the rows are those of the logits. N is 1 in decode, so a row is
/// a sequence, and the heads of a row lie one after another.
class MatVecWriter {
public:
  MatVecWriter(func::FuncOp group, attn::LinearOp op, const BlockSizes &sizes)
      : op_(op), sizes_(sizes), epilogue_(group, op), k_(group),
        type_(cast<RankedTensorType>(op.getType())),
        blocks_(type_.getShape().back(), 1, columnBlock) {}

  void write() {
    k_.setGrid({{Value(), blocks_.getCount()}});
    block_ = blocks_.place(k_, k_.program(0));
    rows_ = k_.multiply(k_.batch(), k_.tokens(op_.getInput()));
    if (type_.getRank() == 4)
      rows_ = k_.multiply(rows_, type_.getDimSize(1));
    // One row alone is the common case and costs a pass over the weight only.
    ImplicitLocOpBuilder &b = k_.builder();
    Value isOne =
        arith::CmpIOp::create(b, arith::CmpIPredicate::eq, rows_, k_.index(1));
    auto branch = scf::IfOp::create(b, isOne, /*withElseRegion=*/true);
    {
      OpBuilder::InsertionGuard guard(b);
      b.setInsertionPointToStart(branch.thenBlock());
      writeTile(k_.index(0), 1);
      b.setInsertionPointToStart(branch.elseBlock());
      auto loop = scf::ForOp::create(b, k_.index(0), rows_, k_.index(rowBlock));
      b.setInsertionPointToStart(loop.getBody());
      writeTile(loop.getInductionVar(), rowBlock);
    }
    k_.finish();
  }

private:
  void writeTile(Value row, int64_t rows) {
    Type element =
        cast<RankedTensorType>(op_.getWeight().getType()).getElementType();
    Product product(k_, op_, sizes_.matVecDepth(element));
    Value input = view(k_.argument(op_.getInput()), product.getDepth());
    Value tile =
        product.write(input, row, rows, block_.column, blocks_.getWidth());
    auto load = [&](Value argument) {
      return k_.load(view(k_.argument(argument), blocks_.getColumns()),
                     {row, block_.column}, {rows, blocks_.getWidth()});
    };
    tile = epilogue_.apply(k_, tile, load);
    k_.store(tile, view(k_.result(0), blocks_.getColumns()),
             {row, block_.column});
  }

  Value view(Value buffer, int64_t width) {
    return k_.rows(buffer, k_.index(0), rows_, k_.fixed(width),
                   k_.fixed(width));
  }

  attn::LinearOp op_;
  const BlockSizes &sizes_;
  Epilogue epilogue_;
  KernelWriter k_;
  RankedTensorType type_;
  ColumnBlocks blocks_;
  ColumnBlock block_;
  Value rows_;
};
} // namespace

LogicalResult writeMatVec(func::FuncOp group, const BlockSizes &sizes) {
  auto op = findRoot<attn::LinearOp>(group);
  MatVecWriter(group, op, sizes).write();
  return success();
}

} // namespace heed
