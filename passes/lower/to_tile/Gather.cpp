//===- Gather.cpp - Rows chosen by numbers --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/RowFrame.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace heed {

/// Stores the pieces of the rows of `table`, a view, that `rows` names.
static void storeGathered(RowFrame &frame, Value table, Value rows) {
  KernelWriter &k = frame.writer();
  Type element = cast<MemRefType>(table.getType()).getElementType();
  for (Piece piece : frame.getPieces()) {
    auto type = RankedTensorType::get({frame.getRows(), piece.width}, element);
    Value tile = tile::GatherOp::create(k.builder(), type, table, rows,
                                        k.index(piece.first));
    frame.store(k.widen(tile), piece);
  }
  frame.finish();
}

LogicalResult writeEmbed(func::FuncOp group) {
  auto op = findRoot<attn::EmbedOp>(group);
  RowFrame frame(group, op, op.getIds());
  KernelWriter &k = frame.writer();
  auto table = cast<RankedTensorType>(op.getTable().getType());
  Value view = k.rows(
      k.argument(op.getTable()), k.index(0), k.fixed(table.getDimSize(0)),
      k.fixed(table.getDimSize(1)), k.fixed(table.getDimSize(1)));
  // Ids behind the table name no row, as negative ones do.
  Value ids = frame.loadRows(op.getIds());
  Value known = arith::CmpIOp::create(
      k.builder(), arith::CmpIPredicate::slt, ids,
      k.splat(int32_t(table.getDimSize(0)), {frame.getRows()}));
  ids = arith::SelectOp::create(k.builder(), known, ids,
                                k.splat(int32_t(-1), {frame.getRows()}));
  storeGathered(frame, view, ids);
  return success();
}

LogicalResult writeGatherTokens(func::FuncOp group) {
  auto op = findRoot<attn::GatherTokensOp>(group);
  RowFrame frame(group, op, op.getRows());
  KernelWriter &k = frame.writer();
  PanelSpace source(k, 1, frame.space().getBatch(), Value(),
                    k.tokens(op.getInput()));
  Value view = source.view(k.argument(op.getInput()), frame.getWidth());
  storeGathered(frame, view, frame.loadRows(op.getRows()));
  return success();
}

} // namespace heed
