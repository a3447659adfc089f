//===- RowFrame.cpp - Kernels that work row by row ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/RowFrame.h"

#include "passes/lower/to_tile/Writers.h"

using namespace mlir;

namespace heed {

/// Columns of one tile: enough to keep vectors busy, few enough for the cache.
static constexpr int64_t pieceWidth = 256;
static constexpr int64_t prefillRows = 8;

RowFrame::RowFrame(func::FuncOp group, Operation *root, Value sized)
    : epilogue_(group, root), k_(group),
      rows_(isDecode(group) ? 1 : prefillRows) {
  RankedTensorType type = epilogue_.getType();
  int64_t heads = type.getRank() == 4 ? type.getDimSize(1) : 1;
  Value batch = k_.batch(), tokens = k_.tokens(sized);
  k_.setGrid({{batch, 1}, {Value(), heads}, {tokens, rows_}});
  Value sequence = k_.program(0);
  k_.onlyBelow(sequence, batch);
  Value head = type.getRank() == 4 ? k_.program(1) : Value();
  row_ = k_.multiply(k_.program(2), rows_);
  space_.emplace(k_, heads, sequence, head, tokens);
}

int64_t RowFrame::getWidth() const {
  return epilogue_.getType().getShape().back();
}

SmallVector<Piece> RowFrame::getPieces() const {
  return cutColumns(getWidth(), getSplitHeads(epilogue_.getView()), pieceWidth);
}

Value RowFrame::load(Value argument, Piece piece) {
  Value view = space_->view(k_.argument(argument), getWidth());
  return k_.widen(
      k_.load(view, {row_, k_.index(piece.first)}, {rows_, piece.width}));
}

Value RowFrame::loadColumns(Value argument, Piece piece) {
  int64_t size = cast<RankedTensorType>(argument.getType()).getDimSize(0);
  Value view = k_.line(k_.argument(argument), k_.index(0), k_.fixed(size));
  Value line = k_.load(view, {k_.index(piece.first)}, {piece.width});
  return k_.perColumn(k_.widen(line), rows_);
}

Value RowFrame::loadRows(Value argument) {
  Value tokens = space_->getTokens();
  Value offset = k_.multiply(space_->getBatch(), tokens);
  Value view = k_.line(k_.argument(argument), offset, tokens);
  return k_.load(view, {row_}, {rows_});
}

Value RowFrame::loadLine(Value argument) {
  return k_.load(space_->line(k_.argument(argument)), {row_}, {rows_});
}

void RowFrame::storeLine(Value line, unsigned number) {
  k_.store(line, space_->line(k_.result(number)), {row_});
}

void RowFrame::store(Value tile, Piece piece, unsigned number) {
  Value value = epilogue_.apply(
      k_, tile, [&](Value argument) { return load(argument, piece); });
  int64_t headWidth = getWidth() / getSplitHeads(epilogue_.getView());
  Value view =
      space_->resultView(k_.result(number), epilogue_.getView(), getWidth(),
                         k_.index(piece.first / headWidth));
  k_.store(value, view, {row_, k_.index(piece.first % headWidth)});
}

} // namespace heed
