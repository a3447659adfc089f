//===- EmitMma.cpp - Products ---------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Products of bf16 run on the matrix unit: 16 rows by 8 columns, 16 deep. The
/// left operand comes from registers where it was computed (an accumulator,
/// rounded and packed, is a fragment already), else from shared memory, where
/// the right operand always is. Products of f32 are multiply-adds of what
/// shared memory holds.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

void KernelEmitter::emitMma(tile::MmaOp op) {
  Registers acc = registersOf(op.getAcc(), Layout::Matrix);
  define(op.getResult(), Layout::Matrix,
         isNarrowProduct(op) ? multiplyNarrow(op, acc) : multiplyWide(op, acc));
  placeOperand(op.getResult());
}

//===----------------------------------------------------------------------===//
// bf16
//===----------------------------------------------------------------------===//

/// What lane `l` gives the address of: row `l % 8` of the matrix `l / 8`, of
/// four that stand two by two. `downFirst`: the second lies below the first.
static std::pair<Value, Value> matrixPlace(Device &b, Value lane,
                                           bool downFirst) {
  Value inner = arith::AndIOp::create(b, lane, b.word(7));
  Value first = arith::AndIOp::create(
      b, arith::ShRUIOp::create(b, lane, b.word(3)), b.word(1));
  Value second = arith::ShRUIOp::create(b, lane, b.word(4));
  if (!downFirst)
    std::swap(first, second);
  Value row = b.add(inner, b.multiply(first, b.word(8)));
  return {row, b.multiply(second, b.word(8))};
}

/// Fragments of the left operand for one step of 16 in depth.
Registers KernelEmitter::packFragments(ValueRange a, int64_t rowSlots,
                                       int64_t steps, int64_t depth) {
  Value zero = b.word(0);
  Registers fragments;
  for (int64_t first = 0; first < rowSlots; first += 2)
    for (int64_t half = 0; half < 2; ++half)
      for (int64_t i = first; i < first + 2; ++i) {
        int64_t j = 2 * depth + half;
        bool exists = i < rowSlots && j < steps;
        int64_t at = (i * steps + j) * 2;
        fragments.push_back(exists ? b.pack(a[at], a[at + 1]) : zero);
      }
  return fragments;
}

/// Gives for a step in depth the fragments of all blocks of rows.
KernelEmitter::Fragments KernelEmitter::leftFragments(tile::MmaOp op) {
  const Distribution &d = distribution;
  auto type = cast<RankedTensorType>(op.getA().getType());
  int64_t rows = type.getDimSize(op.getTransposeA() ? 1 : 0);
  int64_t slots = d.rowsOfThread(rows);
  Value a = resolve(op.getA());
  if (!op.getTransposeA() && !sharedTiles.contains(a)) {
    Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0f));
    Registers values = maskOutside(type, registersOf(a, Layout::Matrix), zero,
                                   /*rows=*/false, /*columns=*/true);
    int64_t steps = d.stepsOfThread(type.getDimSize(1));
    return [=](int64_t depth) {
      return packFragments(values, slots, steps, depth);
    };
  }
  SharedTile tile = sharedOf(a);
  auto [row, column] = matrixPlace(b, lane, /*downFirst=*/!op.getTransposeA());
  Value block = b.subtract(rowOf(rows, 0), laneRow);
  if (op.getTransposeA())
    column = b.add(column, block);
  else
    row = b.add(row, block);
  Value address = addressOf(tile, row, column);
  bool transposed = op.getTransposeA();
  return [=](int64_t depth) {
    Registers fragments;
    for (int64_t i = 0; i < slots; i += 2) {
      int64_t down = transposed ? 16 * depth : d.rowOffset(i);
      int64_t right = transposed ? d.rowOffset(i) : 16 * depth;
      Value at = b.offset(address, down * tile.pitch + 2 * right);
      llvm::append_range(fragments, b.loadMatrices(at, transposed));
    }
    return fragments;
  };
}

/// Gives the fragments of 16 columns for a step in depth: two for each 8.
KernelEmitter::RightFragments KernelEmitter::rightFragments(tile::MmaOp op) {
  SharedTile tile = sharedOf(op.getB());
  bool turned = op.getTransposeB();
  // Stored by columns, a matrix is what the unit wants; by rows, transposed.
  auto [row, column] = matrixPlace(b, lane, /*downFirst=*/!turned);
  Value address = addressOf(tile, row, column);
  return [=](int64_t depth, int64_t columns) {
    int64_t down = turned ? columns : depth, right = turned ? depth : columns;
    Value at = b.offset(address, 16 * (down * tile.pitch + 2 * right));
    return b.loadMatrices(at, !turned);
  };
}

Registers KernelEmitter::multiplyNarrow(tile::MmaOp op, Registers acc) {
  auto type = cast<RankedTensorType>(op.getType());
  auto aType = cast<RankedTensorType>(op.getA().getType());
  int64_t depth =
      llvm::divideCeil(aType.getDimSize(op.getTransposeA() ? 0 : 1), 16);
  int64_t slots = distribution.rowsOfThread(type.getDimSize(0));
  int64_t steps = distribution.stepsOfThread(type.getDimSize(1));
  Fragments left = leftFragments(op);
  RightFragments right = rightFragments(op);
  Value zero = arith::ConstantOp::create(b, b.getF32FloatAttr(0.0f));
  for (int64_t k = 0; k < depth; ++k) {
    Registers a = left(k), columns;
    for (int64_t j = 0; j < steps; ++j) {
      if (j % 2 == 0)
        columns = right(k, j / 2);
      ValueRange part = ValueRange(columns).slice(j % 2 * 2, 2);
      for (int64_t i = 0; i < slots; i += 2) {
        Value *upper = &acc[(i * steps + j) * 2];
        // Of a lone upper half, the lower one is not kept.
        Value *lower = i + 1 < slots ? upper + 2 * steps : nullptr;
        Registers sum =
            b.multiplyMatrices(ValueRange(a).slice(2 * i, 4), part,
                               {upper[0], upper[1], lower ? lower[0] : zero,
                                lower ? lower[1] : zero});
        std::copy_n(sum.begin(), 2, upper);
        if (lower)
          std::copy_n(sum.begin() + 2, 2, lower);
      }
    }
  }
  return acc;
}

//===----------------------------------------------------------------------===//
// f32
//===----------------------------------------------------------------------===//

/// Reads `lines` neighbouring rows (or columns, if the inner dimension runs
/// down) of an operand, `depth` elements of each: `[line][depth]`.
static SmallVector<Registers> readLines(Device &b, const SharedTile &tile,
                                        Value address, bool isInner,
                                        int64_t lines, int64_t depth) {
  SmallVector<Registers> values(lines);
  auto read = [&](int64_t bytes, int64_t count) {
    return readShared(b, tile, b.offset(address, bytes), count);
  };
  if (isInner) {
    for (int64_t i = 0; i < lines; ++i)
      values[i] = read(i * tile.pitch, depth);
    return values;
  }
  for (int64_t k = 0; k < depth; ++k)
    for (auto [line, x] : llvm::zip_equal(values, read(k * tile.pitch, lines)))
      line.push_back(x);
  return values;
}

/// One step in depth: `a` and `x` are the operands' places there, all else a
/// constant away from them.
void KernelEmitter::multiplyStep(tile::MmaOp op, int64_t depth, Value a,
                                 Value x, Registers &sums) {
  const Distribution &d = distribution;
  auto type = cast<RankedTensorType>(op.getType());
  bool turnedA = op.getTransposeA(), turnedB = op.getTransposeB();
  SharedTile left = sharedOf(op.getA()), right = sharedOf(op.getB());
  SmallVector<Registers> rows;
  for (int64_t i = 0; i < d.rowsOfThread(type.getDimSize(0)); ++i) {
    int64_t bytes = turnedA ? left.elementBytes() : left.pitch;
    Value at = b.offset(a, d.rowOffset(i) * bytes);
    llvm::append_range(rows, readLines(b, left, at, !turnedA, 1, depth));
  }
  size_t width = sums.size() / rows.size();
  for (size_t j = 0; j < width; j += d.width) {
    int64_t bytes = turnedB ? right.pitch : right.elementBytes();
    Value at = b.offset(x, d.columnOffset(j / d.width) * bytes);
    SmallVector<Registers> columns =
        readLines(b, right, at, turnedB, d.width, depth);
    for (auto [v, column] : llvm::enumerate(columns))
      for (auto [i, row] : llvm::enumerate(rows))
        for (int64_t k = 0; k < depth; ++k) {
          Value &sum = sums[i * width + j + v];
          sum = math::FmaOp::create(b, row[k], column[k], sum);
        }
  }
}

Registers KernelEmitter::multiplyWide(tile::MmaOp op, Registers acc) {
  bool turnedA = op.getTransposeA(), turnedB = op.getTransposeB();
  int64_t rows = cast<RankedTensorType>(op.getType()).getDimSize(0);
  int64_t depth =
      cast<RankedTensorType>(op.getA().getType()).getDimSize(turnedA ? 0 : 1);
  int64_t count = depth % 4 == 0 ? 4 : 1;
  SharedTile left = sharedOf(op.getA()), right = sharedOf(op.getB());
  Value row = rowOf(rows, 0), column = columnOf(0, 0), zero = b.word(0);
  Value a = turnedA ? addressOf(left, zero, row) : addressOf(left, row, zero);
  Value x =
      turnedB ? addressOf(right, column, zero) : addressOf(right, zero, column);
  int64_t strideA = turnedA ? left.pitch : left.elementBytes();
  int64_t strideX = turnedB ? right.elementBytes() : right.pitch;
  auto loop =
      scf::ForOp::create(b, b.number(0), b.number(depth), b.number(count), acc);
  OpBuilder::InsertionGuard guard(b);
  b.setInsertionPointToStart(loop.getBody());
  Value k = loop.getInductionVar();
  Registers sums(loop.getRegionIterArgs());
  multiplyStep(op, count, b.offset(a, b.multiply(k, b.number(strideA))),
               b.offset(x, b.multiply(k, b.number(strideX))), sums);
  scf::YieldOp::create(b, sums);
  return Registers(loop.getResults());
}

} // namespace heed::nvgpu
