//===- EmitCopy.cpp - From global to shared memory ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Threads share a tile out by pieces of a row, as large as alignment allows,
/// and copy them asynchronously; zeros come from outside of the view. Single
/// bf16, for which there is no such copy, pass through a register.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Access.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

/// Copies of a thread that are written one after another instead of in a loop.
static constexpr int64_t kMostUnrolled = 8;

/// Elements of a piece.
int64_t KernelEmitter::pieceOf(const Access &access) {
  int64_t piece = access.together;
  while (access.columns % piece != 0)
    piece /= 2;
  return piece;
}

void KernelEmitter::copyTile(const Access &access, const SharedTile &to) {
  int64_t piece = pieceOf(access);
  int64_t perRow = access.columns / piece;
  int64_t pieces = access.rows * perRow;
  int64_t threads = threadCount();
  int64_t turns = llvm::divideCeil(pieces, threads);
  auto emitTurn = [&](Value first) {
    Value number = b.add(thread, first);
    Value guard =
        pieces % threads == 0 ? Value() : b.below(number, b.word(pieces));
    guarded(guard, [&] {
      Value row = arith::DivUIOp::create(b, number, b.word(perRow));
      Value column = arith::RemUIOp::create(b, number, b.word(perRow));
      copyPiece(access, to, piece, row, b.multiply(column, b.word(piece)));
    });
  };
  if (turns <= kMostUnrolled) {
    for (int64_t i = 0; i < turns; ++i)
      emitTurn(b.word(i * threads));
    return;
  }
  auto loop = scf::ForOp::create(b, b.number(0), b.number(turns * threads),
                                 b.number(threads));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  emitTurn(
      arith::IndexCastOp::create(b, b.getI32Type(), loop.getInductionVar()));
}

void KernelEmitter::copyPiece(const Access &access, const SharedTile &to,
                              int64_t piece, Value row, Value column) {
  Value target = addressOf(to, row, column);
  Value fromRow = b.add(access.row, b.toIndex(row));
  Value fromColumn = b.add(access.column, b.toIndex(column));
  // How many elements exist from here on; null: all of the piece.
  Value exist;
  if (!access.columnInside) {
    Value extent = access.view.extents.back();
    exist = b.least(b.subtract(extent, fromColumn), b.number(piece));
    exist = arith::MaxSIOp::create(b, exist, b.number(0));
    // The address of nothing must be a multiple of the piece too.
    fromColumn = b.select(b.below(fromColumn, extent), fromColumn, b.number(0));
  }
  if (!access.rowInside) {
    Value extent = access.view.extents.front();
    exist = b.select(b.below(fromRow, extent), exist ? exist : b.number(piece),
                     b.number(0));
    fromRow = b.least(fromRow, b.subtract(extent, b.number(1)));
  }
  Value source = addressOf(access, fromRow, fromColumn);
  int64_t bytes = access.elementBytes();
  if (piece * bytes < 4) {
    Value x = readElement(access.view.element, source);
    if (exist) {
      Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0f));
      x = b.select(b.below(b.number(0), exist), x, zero);
    }
    return writeElement(to.element, x, target);
  }
  Value valid;
  if (exist)
    valid = arith::IndexCastOp::create(b, b.getI32Type(),
                                       b.multiply(exist, b.number(bytes)));
  b.copyAsync(target, source, piece * bytes, valid);
}

} // namespace heed::nvgpu
