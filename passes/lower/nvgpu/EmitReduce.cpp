//===- EmitReduce.cpp - Sums, maxima and minima ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// First each thread combines its own, then lanes exchange, then, over rows,
/// warps through shared memory. The exchange is symmetric, so that all lanes
/// end with the same bits.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace heed::nvgpu {

/// The neutral element of `kind`.
static Value neutral(Device &b, tile::ReduceKind kind, Type element) {
  bool isFloat = element.isF32();
  bool isMax = kind == tile::ReduceKind::Max;
  TypedAttr value = b.getZeroAttr(element);
  float infinity = std::numeric_limits<float>::infinity();
  if (kind != tile::ReduceKind::Add && isFloat)
    value = b.getF32FloatAttr(isMax ? -infinity : infinity);
  else if (kind != tile::ReduceKind::Add)
    value = b.getI32IntegerAttr(isMax ? std::numeric_limits<int32_t>::min()
                                      : std::numeric_limits<int32_t>::max());
  return arith::ConstantOp::create(b, value);
}

static Value combine(Device &b, tile::ReduceKind kind, Value x, Value y) {
  bool isFloat = x.getType().isF32();
  switch (kind) {
  case tile::ReduceKind::Add:
    return isFloat ? arith::AddFOp::create(b, x, y).getResult()
                   : arith::AddIOp::create(b, x, y).getResult();
  case tile::ReduceKind::Max:
    return isFloat ? arith::MaxNumFOp::create(b, x, y).getResult()
                   : arith::MaxSIOp::create(b, x, y).getResult();
  case tile::ReduceKind::Min:
    return isFloat ? arith::MinNumFOp::create(b, x, y).getResult()
                   : arith::MinSIOp::create(b, x, y).getResult();
  }
  llvm_unreachable("no such kind");
}

void KernelEmitter::emitReduce(tile::ReduceOp op) {
  auto type = cast<RankedTensorType>(op.getSource().getType());
  if (type.getRank() == 1) {
    scalars.map(op.getResult(), reduceLine(op));
    return;
  }
  tile::ReduceKind kind = op.getKind();
  bool overColumns = op.getDimension() == 1;
  Registers source = registersOf(op.getSource(), Layout::Matrix);
  Value outside = neutral(b, kind, source[0].getType());
  source = maskOutside(type, source, outside, !overColumns, overColumns);
  define(op.getResult(), overColumns ? Layout::Rows : Layout::Columns,
         overColumns ? reduceColumns(kind, type, source)
                     : reduceRows(kind, type, source));
}

Registers KernelEmitter::reduceColumns(tile::ReduceKind kind,
                                       RankedTensorType type,
                                       ValueRange source) {
  const Distribution &d = distribution;
  int64_t width = d.stepsOfThread(type.getDimSize(1)) * d.width;
  Registers results;
  for (int64_t i = 0; i < d.rowsOfThread(type.getDimSize(0)); ++i) {
    Value x = source[i * width];
    for (int64_t j = 1; j < width; ++j)
      x = combine(b, kind, x, source[i * width + j]);
    results.push_back(acrossLanes(kind, x, 1, d.laneColumns));
  }
  return results;
}

Registers KernelEmitter::reduceRows(tile::ReduceKind kind,
                                    RankedTensorType type, ValueRange source) {
  const Distribution &d = distribution;
  int64_t rows = type.getDimSize(0);
  int64_t width = d.stepsOfThread(type.getDimSize(1)) * d.width;
  Registers results;
  for (int64_t j = 0; j < width; ++j) {
    Value x = source[j];
    for (int64_t i = 1; i < d.rowsOfThread(rows); ++i)
      x = combine(b, kind, x, source[i * width + j]);
    results.push_back(acrossLanes(kind, x, d.laneColumns, 32));
  }
  acrossWarps(kind, d.owners(rows), results, /*isColumns=*/true);
  return results;
}

Value KernelEmitter::reduceLine(tile::ReduceOp op) {
  const Distribution &d = distribution;
  tile::ReduceKind kind = op.getKind();
  int64_t size = cast<RankedTensorType>(op.getSource().getType()).getDimSize(0);
  Layout layout = layouts.of(resolve(op.getSource()));
  bool rows = layout == Layout::Rows;
  Registers line = registersOf(op.getSource(), layout);
  Value none = neutral(b, kind, line[0].getType());
  Value all;
  for (auto [i, x] : llvm::enumerate(line)) {
    Value own =
        rows ? ownsRow(size, i) : ownsColumn(size, i / d.width, i % d.width);
    Value value = own ? b.select(own, x, none) : x;
    all = all ? combine(b, kind, all, value) : value;
  }
  if (!rows)
    return acrossLanes(kind, all, 1, d.laneColumns);
  Registers one = {acrossLanes(kind, all, d.laneColumns, 32)};
  acrossWarps(kind, d.owners(size), one, /*isColumns=*/false);
  return one[0];
}

Value KernelEmitter::acrossLanes(tile::ReduceKind kind, Value x, int64_t from,
                                 int64_t to) {
  for (int64_t mask = from; mask < to; mask *= 2)
    x = combine(b, kind, x, b.exchange(x, mask));
  return x;
}

/// Combines what warps have of columns (or of one number): all of them read
/// what each has written.
void KernelEmitter::acrossWarps(tile::ReduceKind kind, int64_t owners,
                                Registers &partial, bool isColumns) {
  if (owners == 1)
    return;
  const Distribution &d = distribution;
  int64_t perWarp = isColumns ? partial.size() * d.laneColumns : 1;
  int64_t oldTop = sharedTop;
  Value base = allocateBytes(4 * owners * perWarp);
  auto place = [&](Value ofWarp, int64_t i) {
    Value at = b.multiply(ofWarp, b.word(perWarp));
    if (isColumns)
      at = b.add(at, columnOf(i / d.width, i % d.width));
    return b.offset(base, b.multiply(at, b.word(4)));
  };
  b.barrier();
  Value isFirst =
      arith::CmpIOp::create(b, arith::CmpIPredicate::eq, laneRow, b.word(0));
  guarded(b.both(isFirst, b.below(warp, b.word(owners))), [&] {
    for (auto [i, x] : llvm::enumerate(partial))
      b.store(x, place(warp, i));
  });
  b.barrier();
  for (auto [i, x] : llvm::enumerate(partial)) {
    Type type = x.getType();
    x = b.load(type, 1, place(b.word(0), i))[0];
    for (int64_t other = 1; other < owners; ++other)
      x = combine(b, kind, x, b.load(type, 1, place(b.word(other), i))[0]);
  }
  sharedTop = oldTop;
}

} // namespace heed::nvgpu
