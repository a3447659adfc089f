//===- EmitShared.cpp - Tiles in shared memory ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Operands of products. A tile is padded to whole blocks of the matrix unit;
/// the padding is cleared once and never written, so that it adds nothing to a
/// product's inner dimension.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

/// Bytes that a warp moves together, for each lane.
static constexpr int64_t kChunk = 16;

Value KernelEmitter::allocateBytes(int64_t bytes) {
  Value base = b.offset(partMemory ? partMemory : b.sharedMemory(), sharedTop);
  sharedTop += llvm::alignTo(bytes, kChunk);
  facts.sharedBytes = std::max(facts.sharedBytes, sharedTop);
  return base;
}

SharedTile KernelEmitter::allocateTile(RankedTensorType type, int64_t copies) {
  SharedTile tile;
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  tile.element = type.getElementType();
  tile.rows = std::max<int64_t>(llvm::alignTo(rows, 16),
                                distribution.coveredRows(rows));
  tile.columns = std::max<int64_t>(llvm::alignTo(columns, 16),
                                   distribution.coveredColumns(columns));
  tile.pitch = tile.columns * tile.elementBytes();
  // An odd number of chunks: eight rows then begin in eight different ones.
  if (tile.pitch / kChunk % 2 == 0)
    tile.pitch += kChunk;
  tile.base = allocateBytes(copies * tile.bytes());
  return tile;
}

/// Writes zeros from byte `first` of `tile` to byte `last`.
void KernelEmitter::clearBytes(const SharedTile &tile, int64_t first,
                               int64_t last) {
  Value mine = b.toIndex(b.multiply(thread, b.word(kChunk)));
  auto loop =
      scf::ForOp::create(b, b.add(b.number(first), mine), b.number(last),
                         b.number(threadCount() * kChunk));
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  SmallVector<Value> zeros(4, b.word(0));
  b.store(zeros, b.offset(tile.base, loop.getInductionVar()));
}

/// Writes zeros where `tile` is larger than `type`; all copies. Whoever reads
/// them puts a barrier before.
void KernelEmitter::clearPadding(const SharedTile &tile, RankedTensorType type,
                                 int64_t copies) {
  int64_t rows = type.getDimSize(0);
  if (tile.columns == type.getDimSize(1)) {
    for (int64_t i = 0; i < copies && tile.rows != rows; ++i)
      clearBytes(tile, i * tile.bytes() + rows * tile.pitch,
                 (i + 1) * tile.bytes());
    return;
  }
  clearBytes(tile, 0, copies * tile.bytes());
  b.barrier();
}

Value KernelEmitter::addressOf(const SharedTile &tile, Value row,
                               Value column) {
  Value at = b.multiply(row, b.word(tile.pitch));
  at = b.add(at, b.multiply(column, b.word(tile.elementBytes())));
  return b.offset(tile.base, at);
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

bool isNarrowProduct(tile::MmaOp op) {
  auto isNarrow = [](Value operand) {
    return getElementTypeOrSelf(resolve(operand).getType()).isBF16();
  };
  return isNarrow(op.getA()) && isNarrow(op.getB());
}

bool isProductOperand(Value tile) {
  return !allUses(tile, [](OpOperand &use) {
    return !isa<tile::MmaOp>(use.getOwner()) || use.getOperandNumber() > 1;
  });
}

/// Whether a product reads `use` from shared memory even if it is in registers.
static bool isReadShared(OpOperand &use) {
  auto mma = dyn_cast<tile::MmaOp>(use.getOwner());
  if (!mma || use.getOperandNumber() > 1)
    return false;
  return use.getOperandNumber() == 1 || mma.getTransposeA() ||
         !isNarrowProduct(mma);
}

void KernelEmitter::placeOperand(Value tile) {
  Block *block = tile.getParentBlock();
  bool isReadInside = !allUses(tile, [&](OpOperand &use) {
    return !isReadShared(use) || use.getOwner()->getBlock() == block;
  });
  if (isReadInside)
    sharedOf(tile);
}

SharedTile KernelEmitter::sharedOf(Value value) {
  value = resolve(value);
  auto found = sharedTiles.find(value);
  if (found != sharedTiles.end())
    return found->second;
  auto type = cast<RankedTensorType>(value.getType());
  Registers values = registersOf(value, Layout::Matrix);
  SharedTile tile = allocateTile(type);
  b.barrier();
  clearPadding(tile, type, 1);
  storeShared(values, type, tile);
  b.barrier();
  sharedTiles[value] = tile;
  return tile;
}

void KernelEmitter::storeShared(ValueRange values, RankedTensorType type,
                                const SharedTile &tile) {
  const Distribution &d = distribution;
  int64_t rows = type.getDimSize(0), columns = type.getDimSize(1);
  int64_t steps = d.stepsOfThread(columns);
  int64_t count = columns % d.width == 0 ? d.width : 1;
  for (int64_t i = 0; i < d.rowsOfThread(rows); ++i) {
    guarded(b.both(isOwner(rows), ownsRow(rows, i)), [&] {
      for (int64_t j = 0; j < steps; ++j)
        for (int64_t v = 0; v < d.width; v += count)
          guarded(ownsColumn(columns, j, v), [&] {
            writeElement(tile.element,
                         values.slice((i * steps + j) * d.width + v, count),
                         addressOf(tile, rowOf(rows, i), columnOf(j, v)));
          });
    });
  }
}

Registers readShared(Device &b, const SharedTile &tile, Value address,
                     int64_t count) {
  Registers values = b.load(tile.element, count, address);
  if (tile.element.isBF16())
    for (Value &x : values)
      x = arith::ExtFOp::create(b, b.getF32Type(), x);
  return values;
}

Registers KernelEmitter::loadShared(RankedTensorType type,
                                    const SharedTile &tile) {
  const Distribution &d = distribution;
  Registers values;
  for (int64_t i = 0; i < d.rowsOfThread(type.getDimSize(0)); ++i) {
    Value row = rowOf(type.getDimSize(0), i);
    for (int64_t j = 0; j < d.stepsOfThread(type.getDimSize(1)); ++j)
      llvm::append_range(
          values,
          readShared(b, tile, addressOf(tile, row, columnOf(j, 0)), d.width));
  }
  return values;
}

} // namespace heed::nvgpu
