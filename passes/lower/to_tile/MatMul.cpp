//===- MatMul.cpp - Many rows times a weight ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Panel.h"
#include "passes/lower/to_tile/Product.h"
#include "passes/lower/to_tile/Writers.h"

using namespace mlir;

namespace heed {

/// Tokens and output columns of a program, and the depth of one step.
static constexpr int64_t tokenBlock = 64;
static constexpr int64_t columnBlock = 64;
static constexpr int64_t depthBlock = 128;

namespace {
/// Writes one program per block of tokens of a panel and block of columns.
class MatMulWriter {
public:
  MatMulWriter(func::FuncOp group, attn::LinearOp op)
      : op_(op), epilogue_(group, op), k_(group) {}

  void write() {
    auto type = cast<RankedTensorType>(op_.getType());
    int64_t panels = type.getRank() == 4 ? type.getDimSize(1) : 1;
    ColumnBlocks blocks(type.getShape().back(),
                        getSplitHeads(epilogue_.getView()), columnBlock);
    Value batch = k_.batch(), tokens = k_.tokens(op_.getInput());
    k_.setGrid({{batch, 1},
                {Value(), panels},
                {tokens, tokenBlock},
                {Value(), blocks.getCount()}});
    Value sequence = k_.program(0);
    k_.onlyBelow(sequence, batch);
    Value head = type.getRank() == 4 ? k_.program(1) : Value();
    PanelSpace space(k_, panels, sequence, head, tokens);
    Value row = k_.multiply(k_.program(2), tokenBlock);
    ColumnBlock block = blocks.place(k_, k_.program(3));

    Product product(k_, op_, depthBlock);
    Value input = space.view(k_.argument(op_.getInput()), product.getDepth());
    Value tile =
        product.write(input, row, tokenBlock, block.column, blocks.getWidth());
    auto load = [&](Value argument) {
      Value view = space.view(k_.argument(argument), blocks.getColumns());
      return k_.load(view, {row, block.column},
                     {tokenBlock, blocks.getWidth()});
    };
    tile = epilogue_.apply(k_, tile, load);
    Value result = space.resultView(k_.result(0), epilogue_.getView(),
                                    blocks.getColumns(), block.head);
    k_.store(tile, result, {row, block.inHead});
    k_.finish();
  }

private:
  attn::LinearOp op_;
  Epilogue epilogue_;
  KernelWriter k_;
};
} // namespace

LogicalResult writeMatMul(func::FuncOp group) {
  auto op = findRoot<attn::LinearOp>(group);
  if (cast<RankedTensorType>(op.getType()).getRank() < 3)
    return op.emitOpError("has no kernel, found ")
           << op.getType() << ", wanted B x N x C or B x H x N x D";
  MatMulWriter(group, op).write();
  return success();
}

} // namespace heed
