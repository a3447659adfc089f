//===- MatMul.cpp - Many rows times a weight ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Panel.h"
#include "passes/lower/to_tile/PlainProduct.h"
#include "passes/lower/to_tile/Product.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed {

/// Tokens and output columns of a program.
static constexpr int64_t tokenBlock = 64;
static constexpr int64_t columnBlock = 64;
/// Up to so many tokens, a row of lanes would hold little else than padding.
static constexpr int64_t fewTokens = 8;

namespace {
/// Writes one program per block of tokens of a panel and block of columns. It
/// has a second branch for few tokens: a short prompt, or the one row of logits
/// that is wanted of a long one.
class MatMulWriter {
public:
  MatMulWriter(func::FuncOp group, attn::LinearOp op, const BlockSizes &sizes)
      : op_(op), sizes_(sizes), epilogue_(group, op), k_(group),
        type_(cast<RankedTensorType>(op.getType())),
        blocks_(type_.getShape().back(), getSplitHeads(epilogue_.getView()),
                columnBlock) {}

  void write() {
    int64_t panels = type_.getRank() == 4 ? type_.getDimSize(1) : 1;
    Value batch = k_.batch(), tokens = k_.tokens(op_.getInput());
    k_.setGrid({{batch, 1},
                {Value(), panels},
                {tokens, tokenBlock},
                {Value(), blocks_.getCount()}});
    Value sequence = k_.program(0);
    k_.onlyBelow(sequence, batch);
    Value head = type_.getRank() == 4 ? k_.program(1) : Value();
    space_.emplace(k_, panels, sequence, head, tokens);
    row_ = k_.multiply(k_.program(2), tokenBlock);
    block_ = blocks_.place(k_, k_.program(3));

    ImplicitLocOpBuilder &b = k_.builder();
    Value isFew = arith::CmpIOp::create(b, arith::CmpIPredicate::sle, tokens,
                                        k_.index(fewTokens));
    auto branch = scf::IfOp::create(b, isFew, /*withElseRegion=*/true);
    b.setInsertionPointToStart(branch.thenBlock());
    Type element =
        cast<RankedTensorType>(op_.getWeight().getType()).getElementType();
    writeTile(fewTokens, sizes_.fewRowsDepth(element));
    b.setInsertionPointToStart(branch.elseBlock());
    writeTile(tokenBlock, sizes_.depth(element));
    if (sizes_.isGpu)
      k_.setProduct(findProduct(k_.getGroup(), op_));
    k_.finish();
  }

private:
  void writeTile(int64_t rows, int64_t depth) {
    Product product(k_, op_, depth);
    Value input = space_->view(k_.argument(op_.getInput()), product.getDepth());
    Value tile =
        product.write(input, row_, rows, block_.column, blocks_.getWidth());
    auto load = [&](Value argument) {
      Value view = space_->view(k_.argument(argument), blocks_.getColumns());
      return k_.load(view, {row_, block_.column}, {rows, blocks_.getWidth()});
    };
    tile = epilogue_.apply(k_, tile, load);
    Value result = space_->resultView(k_.result(0), epilogue_.getView(),
                                      blocks_.getColumns(), block_.head);
    k_.store(tile, result, {row_, block_.inHead});
  }

  attn::LinearOp op_;
  const BlockSizes &sizes_;
  Epilogue epilogue_;
  KernelWriter k_;
  RankedTensorType type_;
  ColumnBlocks blocks_;
  std::optional<PanelSpace> space_;
  ColumnBlock block_;
  Value row_;
};
} // namespace

LogicalResult writeMatMul(func::FuncOp group, const BlockSizes &sizes) {
  auto op = findRoot<attn::LinearOp>(group);
  if (cast<RankedTensorType>(op.getType()).getRank() < 3)
    return op.emitOpError("has no kernel, found ")
           << op.getType() << ", wanted B x N x C or B x H x N x D";
  MatMulWriter(group, op, sizes).write();
  return success();
}

} // namespace heed
