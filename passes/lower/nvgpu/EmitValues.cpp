//===- EmitValues.cpp - Where the registers of a tile come from -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace heed::nvgpu {

Type KernelEmitter::heldType(Type element) {
  return element.isBF16() ? b.getF32Type() : element;
}

//===----------------------------------------------------------------------===//
// Places
//===----------------------------------------------------------------------===//

Value KernelEmitter::firstRow(int64_t rows) {
  const Distribution &d = distribution;
  Value block = warp;
  int64_t owners = d.owners(rows);
  if (owners == 1)
    block = b.word(0);
  else if (owners < d.warps)
    block = arith::RemUIOp::create(b, warp, b.word(owners));
  return b.add(b.multiply(block, b.word(d.blockRows())), laneRow);
}

Value KernelEmitter::rowOf(int64_t rows, int64_t slot) {
  return b.add(firstRow(rows), b.word(distribution.rowOffset(slot)));
}

// Sums with constants come last, so that all share what depends on the thread,
// and what a loop changes first: the rest would be kept in registers.
Value KernelEmitter::rowIndex(int64_t rows, int64_t slot) {
  return b.add(b.toIndex(firstRow(rows)),
               b.number(distribution.rowOffset(slot)));
}

Value KernelEmitter::columnOf(int64_t step, int64_t lane) {
  Value first = b.multiply(laneColumn, b.word(distribution.width));
  return b.add(first, b.word(distribution.columnOffset(step) + lane));
}

Value KernelEmitter::columnIndex(Value from, int64_t step, int64_t lane) {
  Value first = b.multiply(laneColumn, b.word(distribution.width));
  return b.add(b.add(from, b.toIndex(first)),
               b.number(distribution.columnOffset(step) + lane));
}

Value KernelEmitter::ownsRow(int64_t rows, int64_t slot) {
  if (distribution.coveredRows(rows) == rows)
    return Value();
  return b.below(rowOf(rows, slot), b.word(rows));
}

Value KernelEmitter::ownsColumn(int64_t columns, int64_t step, int64_t lane) {
  int64_t last = (step + 1) * distribution.laneColumns * distribution.width;
  if (last <= columns)
    return Value();
  return b.below(columnOf(step, lane), b.word(columns));
}

Value KernelEmitter::isOwner(int64_t rows) {
  // Of warps that hold the same, the first; in a part, nobody else does.
  if (part)
    return divided ? Value() : b.below(part, b.word(1));
  int64_t owners = distribution.owners(rows);
  if (owners == distribution.warps)
    return Value();
  return b.below(warp, b.word(owners));
}

Registers KernelEmitter::maskOutside(RankedTensorType type,
                                     ValueRange registers, Value outside,
                                     bool rows, bool columns) {
  const Distribution &d = distribution;
  Registers masked;
  int64_t steps = d.stepsOfThread(type.getDimSize(1));
  for (int64_t i = 0; i < d.rowsOfThread(type.getDimSize(0)); ++i) {
    Value ownRow = rows ? ownsRow(type.getDimSize(0), i) : Value();
    for (int64_t j = 0; j < steps; ++j) {
      for (int64_t v = 0; v < d.width; ++v) {
        Value own = ownRow;
        if (columns)
          own = b.both(own, ownsColumn(type.getDimSize(1), j, v));
        Value x = registers[masked.size()];
        masked.push_back(own ? b.select(own, x, outside) : x);
      }
    }
  }
  return masked;
}

//===----------------------------------------------------------------------===//
// Registers
//===----------------------------------------------------------------------===//

void KernelEmitter::define(Value tile, Layout layout, Registers values) {
  registers[{tile, layout}] = std::move(values);
}

Registers KernelEmitter::registersOf(Value tile, Layout layout) {
  tile = resolve(tile);
  auto found = registers.find({tile, layout});
  if (found != registers.end())
    return found->second;
  if (isFree(tile.getDefiningOp()))
    return make(tile, layout);
  auto load = tile.getDefiningOp<tile::LoadOp>();
  if (load && isDeferred(load) &&
      !registers.contains({tile, layouts.of(tile)})) {
    emitLoad(load, /*isNeeded=*/true);
    return registersOf(tile, layout);
  }
  auto type = cast<RankedTensorType>(tile.getType());
  Registers values;
  if (layout == Layout::Matrix) {
    values = loadShared(type, sharedTiles.find(tile)->second);
  } else {
    Layout other = layout == Layout::Rows ? Layout::Columns : Layout::Rows;
    values = convertLine(registers.find({tile, other})->second, type, other);
  }
  define(tile, layout, values);
  return values;
}

Registers KernelEmitter::make(Value tile, Layout layout) {
  auto type = cast<RankedTensorType>(tile.getType());
  const Distribution &d = distribution;
  int64_t count = d.registers(type, layout);
  Operation *op = tile.getDefiningOp();
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    TypedAttr value =
        cast<SplatElementsAttr>(constant.getValue()).getSplatValue<TypedAttr>();
    if (auto number = dyn_cast<FloatAttr>(value))
      value = b.getF32FloatAttr(number.getValueAsDouble());
    return Registers(count, arith::ConstantOp::create(b, value));
  }
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return Registers(count, scalars.lookup(splat.getInput()));
  if (auto iota = dyn_cast<tile::IotaOp>(op)) {
    Value start = arith::IndexCastOp::create(b, b.getI32Type(),
                                             scalars.lookup(iota.getStart()));
    bool isRows = layout == Layout::Rows;
    Value first = isRows ? firstRow(type.getDimSize(0))
                         : b.multiply(laneColumn, b.word(d.width));
    first = b.add(start, first);
    Registers values;
    for (int64_t i = 0; i < count; ++i)
      values.push_back(b.add(
          first, b.word(isRows ? d.rowOffset(i)
                               : d.columnOffset(i / d.width) + i % d.width)));
    return values;
  }
  auto broadcast = cast<tile::BroadcastOp>(op);
  bool perRow = broadcast.getDimension() == 1;
  Registers line = registersOf(broadcast.getSource(),
                               perRow ? Layout::Rows : Layout::Columns);
  int64_t width = d.stepsOfThread(type.getDimSize(1)) * d.width;
  Registers values;
  for (int64_t i = 0; i < count; ++i)
    values.push_back(line[perRow ? i / width : i % width]);
  return values;
}

/// One thread of those that hold a number puts it into shared memory, from
/// where all take what they need.
Registers KernelEmitter::convertLine(ValueRange line, RankedTensorType type,
                                     Layout from) {
  const Distribution &d = distribution;
  int64_t size = type.getDimSize(0);
  int64_t covered = std::max(d.coveredRows(size), d.coveredColumns(size));
  Type held = heldType(type.getElementType());
  Type stored = held.isInteger(1) ? b.getI32Type() : held;
  int64_t oldTop = sharedTop;
  Value base = allocateBytes(4 * covered);
  auto place = [&](Layout layout, int64_t i) {
    Value at = layout == Layout::Rows ? rowOf(size, i)
                                      : columnOf(i / d.width, i % d.width);
    return b.offset(base, b.multiply(at, b.word(4)));
  };
  b.barrier();
  Value isFirst = arith::CmpIOp::create(
      b, arith::CmpIPredicate::eq, from == Layout::Rows ? laneColumn : laneRow,
      b.word(0));
  Value owner = isOwner(from == Layout::Rows ? size : 1);
  guarded(b.both(isFirst, owner), [&] {
    for (auto [i, x] : llvm::enumerate(line)) {
      Value value = x;
      if (stored != held)
        value = arith::ExtUIOp::create(b, stored, x);
      b.store(value, place(from, i));
    }
  });
  b.barrier();
  Layout to = from == Layout::Rows ? Layout::Columns : Layout::Rows;
  Registers values;
  for (int64_t i = 0; i < d.registers(type, to); ++i) {
    Value x = b.load(stored, 1, place(to, i))[0];
    if (stored != held)
      x = arith::TruncIOp::create(b, held, x);
    values.push_back(x);
  }
  sharedTop = oldTop;
  return values;
}

} // namespace heed::nvgpu
