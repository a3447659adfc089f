//===- EmitMma.cpp - Products ---------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Each form keeps a block of accumulators in registers over the whole inner
/// dimension. In the first two, a vector operand meets broadcast scalars; in
/// the third, rows meet rows and lanes are added up at the end.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace heed::cpu {

/// The widest vector of at most `registers` registers that divides `count`,
/// made of whole registers where that is possible.
static int64_t blockWidth(int64_t count, int64_t lanes, int64_t registers) {
  for (int64_t n = registers; n > 0; --n)
    if (count % (n * lanes) == 0)
      return n * lanes;
  return largestDivisor(count, lanes);
}

/// How many rows of `width` fit into the accumulators.
static int64_t blockRows(int64_t rows, int64_t width, const VectorUnit &unit) {
  int64_t registers = llvm::divideCeil(width, unit.lanes);
  return largestDivisor(
      rows, std::max<int64_t>(
                1, std::min<int64_t>(8, unit.accumulators / registers)));
}

//===----------------------------------------------------------------------===//
// Operands
//===----------------------------------------------------------------------===//

KernelEmitter::Operand KernelEmitter::operandOf(Value tile, Layout layout,
                                                bool anyLayout) {
  Operand operand;
  tile = resolve(tile);
  auto found = direct.find(tile);
  if (found != direct.end()) {
    tile::LoadOp load = found->second;
    operand.access = accessOf(load.getView(), load.getIndices(),
                              cast<RankedTensorType>(load.getType()));
    operand.isDirect = true;
    return operand;
  }
  const Buffer *buffer = findBuffer(tile);
  if (anyLayout && buffer)
    layout = buffer->layout;
  operand.buffer = bufferOf(tile, layout);
  return operand;
}

Value KernelEmitter::rowAt(const Operand &operand, Value row) {
  return operand.isDirect ? coordinate(operand.access, 0, row) : row;
}

Value KernelEmitter::columnAt(const Operand &operand, Value column) {
  return operand.isDirect ? coordinate(operand.access, 1, column) : column;
}

Value KernelEmitter::scalarAt(const Operand &operand, Value row, Value column) {
  if (operand.isDirect)
    return readElement(operand.access, ValueRange{row, column});
  if (operand.buffer.layout == Layout::Columns)
    std::swap(row, column);
  return memref::LoadOp::create(b, operand.buffer.memory,
                                ValueRange{row, column});
}

Value KernelEmitter::vectorAt(const Operand &operand, Value vector, Value lane,
                              int64_t width) {
  if (operand.isDirect)
    return readVector(operand.access, ValueRange{vector, lane}, width);
  return vector::LoadOp::create(b, vectorType(b.getF32Type(), width),
                                operand.buffer.memory,
                                ValueRange{vector, lane});
}

Value KernelEmitter::multiplyAdd(Value scalar, Value x, Value acc) {
  Value repeated = vector::BroadcastOp::create(b, x.getType(), scalar);
  return vector::FMAOp::create(b, x, repeated, acc);
}

Buffer KernelEmitter::accumulator(tile::MmaOp op, bool &fromZero) {
  Value acc = resolve(op.getAcc());
  auto type = cast<RankedTensorType>(op.getType());
  Layout layout = layouts.of(op.getResult());
  DenseFPElementsAttr constant;
  if (auto def = acc.getDefiningOp<arith::ConstantOp>())
    constant = dyn_cast<DenseFPElementsAttr>(def.getValue());
  fromZero = constant && constant.isSplat() &&
             constant.getSplatValue<APFloat>().isPosZero();
  if (fromZero)
    return allocate(type, layout);
  // In place, if nobody else will ask for the old value.
  int64_t uses = 0;
  bool isLast = allUses(acc, [&](OpOperand &) { return ++uses == 1; });
  const Buffer *buffer = findBuffer(acc);
  if (buffer && buffer->layout == layout && isLast &&
      acc.getParentBlock() == op->getBlock())
    return *buffer;
  Buffer copy = allocate(type, layout);
  if (buffer)
    copyBuffer(*buffer, copy);
  else
    copyInto(acc, copy);
  return copy;
}

SmallVector<Value> KernelEmitter::loadBlock(const Buffer &acc, Value vector,
                                            Value lane, int64_t rows,
                                            int64_t width, bool fromZero) {
  VectorType type = vectorType(b.getF32Type(), width);
  SmallVector<Value> block;
  for (int64_t i = 0; i < rows; ++i)
    block.push_back(
        fromZero
            ? arith::ConstantOp::create(b, b.getZeroAttr(type)).getResult()
            : vector::LoadOp::create(b, type, acc.memory,
                                     ValueRange{add(vector, index(i)), lane})
                  .getResult());
  return block;
}

void KernelEmitter::storeBlock(const Buffer &acc, Value vector, Value lane,
                               ValueRange block) {
  for (auto [i, value] : llvm::enumerate(block))
    vector::StoreOp::create(b, value, acc.memory,
                            ValueRange{add(vector, index(i)), lane});
}

//===----------------------------------------------------------------------===//
// Forms
//===----------------------------------------------------------------------===//

void KernelEmitter::emitMma(tile::MmaOp op) {
  flush();
  bool fromZero = false;
  Buffer acc = accumulator(op, fromZero);
  switch (formOf(op)) {
  case MmaForm::LanesM:
    emitLanesM(op, acc, fromZero);
    break;
  case MmaForm::LanesN:
    emitLanesN(op, acc, fromZero);
    break;
  case MmaForm::Dot:
    emitDot(op, acc, fromZero);
    break;
  }
  buffers[op.getResult()] = acc;
}

void KernelEmitter::emitLanesM(tile::MmaOp op, const Buffer &acc,
                               bool fromZero) {
  int64_t depth = cast<RankedTensorType>(op.getA().getType()).getDimSize(1);
  bool transposed = op.getTransposeB();
  Operand a = operandOf(op.getA(), Layout::Columns, /*anyLayout=*/false);
  Operand factor = operandOf(op.getB(), Layout::Rows, /*anyLayout=*/true);
  int64_t width = blockWidth(acc.lanes, unit.lanes, unit.blockVectors);
  int64_t rows = blockRows(acc.vectors, width, unit);
  int64_t unroll = depth % 2 == 0 ? 2 : 1;
  loop(acc.lanes, width, {}, [&](Value lane, ValueRange) {
    loop(acc.vectors, rows, {}, [&](Value first, ValueRange) {
      // The fixed coordinate of each scalar, clamped once.
      SmallVector<Value> fixed;
      for (int64_t i = 0; i < rows; ++i) {
        Value n = add(first, index(i));
        fixed.push_back(transposed ? rowAt(factor, n) : columnAt(factor, n));
      }
      SmallVector<Value> block = loop(
          depth, unroll, loadBlock(acc, first, lane, rows, width, fromZero),
          [&](Value start, ValueRange sums) {
            SmallVector<Value> next(sums);
            for (int64_t u = 0; u < unroll; ++u) {
              Value k = add(start, index(u));
              Value x = vectorAt(a, k, lane, width);
              Value moving =
                  transposed ? columnAt(factor, k) : rowAt(factor, k);
              for (int64_t i = 0; i < rows; ++i) {
                Value scalar = transposed ? scalarAt(factor, fixed[i], moving)
                                          : scalarAt(factor, moving, fixed[i]);
                next[i] = multiplyAdd(scalar, x, next[i]);
              }
            }
            return next;
          });
      storeBlock(acc, first, lane, block);
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
}

void KernelEmitter::emitLanesN(tile::MmaOp op, const Buffer &acc,
                               bool fromZero) {
  bool turned = op.getTransposeA();
  int64_t depth =
      cast<RankedTensorType>(op.getA().getType()).getDimSize(!turned);
  Operand a = operandOf(op.getA(), Layout::Rows, /*anyLayout=*/true);
  Operand factor =
      operandOf(op.getB(), op.getTransposeB() ? Layout::Columns : Layout::Rows,
                /*anyLayout=*/false);
  int64_t few = largestDivisor(acc.vectors, 4);
  int64_t registers =
      std::clamp<int64_t>(unit.accumulators / few, 1, 4 * unit.blockVectors);
  int64_t width = blockWidth(acc.lanes, unit.lanes, registers);
  int64_t rows = blockRows(acc.vectors, width, unit);
  loop(acc.lanes, width, {}, [&](Value lane, ValueRange) {
    Value column = columnAt(factor, lane);
    loop(acc.vectors, rows, {}, [&](Value first, ValueRange) {
      SmallVector<Value> block =
          loop(depth, 1, loadBlock(acc, first, lane, rows, width, fromZero),
               [&](Value k, ValueRange sums) {
                 SmallVector<Value> next;
                 Value x = vectorAt(factor, rowAt(factor, k), column, width);
                 for (int64_t i = 0; i < rows; ++i) {
                   Value m = add(first, index(i));
                   Value scalar =
                       turned ? scalarAt(a, k, m) : scalarAt(a, m, k);
                   next.push_back(multiplyAdd(scalar, x, sums[i]));
                 }
                 return next;
               });
      storeBlock(acc, first, lane, block);
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
}

void KernelEmitter::emitDot(tile::MmaOp op, const Buffer &acc, bool fromZero) {
  int64_t depth = cast<RankedTensorType>(op.getA().getType()).getDimSize(1);
  Operand a = operandOf(op.getA(), Layout::Rows, /*anyLayout=*/false);
  Operand factor = operandOf(op.getB(), Layout::Rows, /*anyLayout=*/false);
  int64_t rows = acc.vectors;
  int64_t width = blockWidth(
      depth, unit.lanes, std::clamp<int64_t>(unit.accumulators / rows, 1, 4));
  VectorType type = vectorType(b.getF32Type(), width);
  loop(acc.lanes, 1, {}, [&](Value n, ValueRange) {
    Value row = rowAt(factor, n);
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(type));
    SmallVector<Value> sums =
        loop(depth, width, SmallVector<Value>(rows, zero),
             [&](Value k, ValueRange sums) {
               SmallVector<Value> next;
               Value x = vectorAt(factor, row, columnAt(factor, k), width);
               for (int64_t i = 0; i < rows; ++i)
                 next.push_back(vector::FMAOp::create(
                     b, vectorAt(a, index(i), k, width), x, sums[i]));
               return next;
             });
    for (int64_t i = 0; i < rows; ++i) {
      Value sum =
          vector::ReductionOp::create(b, vector::CombiningKind::ADD, sums[i],
                                      arith::FastMathFlags::reassoc);
      SmallVector<Value> at{index(i), n};
      if (!fromZero)
        sum = arith::AddFOp::create(
            b, memref::LoadOp::create(b, acc.memory, at), sum);
      memref::StoreOp::create(b, sum, acc.memory, at);
    }
    return SmallVector<Value>();
  });
}

} // namespace heed::cpu
