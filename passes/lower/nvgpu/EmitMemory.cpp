//===- EmitMemory.cpp - Loads and stores ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Between memory and registers. Edges: the index of a load is clamped to the
/// view, a store happens only inside of it. Buffers begin at multiples of 16
/// bytes.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Access.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"

using namespace mlir;

namespace heed::nvgpu {

static constexpr int64_t kMostBytes = 16;

static bool isMultipleOf(OpFoldResult value, int64_t factor) {
  if (auto dynamic = dyn_cast<Value>(value))
    return heed::isMultipleOf(dynamic, factor);
  return *getConstantIntValue(value) % factor == 0;
}

/// How many neighbours of a row of `view` may move at once, from `column` on.
static int64_t findTogether(tile::ViewOp view, Value column) {
  SmallVector<OpFoldResult> strides = view.getMixedStrides();
  if (view.getStaticStrides().back() != 1)
    return 1;
  auto type = cast<MemRefType>(view.getType());
  int64_t together = kMostBytes * 8 / type.getElementTypeBitWidth();
  auto fits = [&](int64_t count) {
    return isMultipleOf(OpFoldResult(view.getOffset()), count) &&
           (!column || isMultipleOf(OpFoldResult(column), count)) &&
           llvm::all_of(ArrayRef(strides).drop_back(),
                        [&](OpFoldResult stride) {
                          return isMultipleOf(stride, count);
                        });
  };
  while (together > 1 && !fits(together))
    together /= 2;
  return together;
}

KernelEmitter::Access KernelEmitter::accessOf(Value view, ValueRange indices,
                                              RankedTensorType type) {
  auto op = view.getDefiningOp<tile::ViewOp>();
  auto viewType = cast<MemRefType>(view.getType());
  Access access;
  access.view = views.find(view)->second;
  access.columns = type.getShape().back();
  if (type.getRank() == 2)
    access.rows = type.getDimSize(0);
  if (!indices.empty()) {
    access.column = scalars.lookup(indices.back());
    access.columnInside =
        liesInside(indices.back(), viewType.getShape().back(), access.columns);
    access.together = findTogether(op, indices.back());
  }
  if (indices.size() == 2) {
    access.row = scalars.lookup(indices[0]);
    access.rowInside =
        liesInside(indices[0], viewType.getDimSize(0), access.rows);
  }
  return access;
}

Value KernelEmitter::rowAddress(const Access &access, Value row) {
  Value at = access.view.start;
  if (row)
    at = b.add(at, b.multiply(row, access.view.strides.front()));
  return b.offset(access.view.base,
                  b.multiply(at, b.number(access.elementBytes())));
}

Value KernelEmitter::addressOf(const Access &access, Value row, Value column) {
  Value at = b.multiply(column, access.view.strides.back());
  return b.offset(rowAddress(access, row),
                  b.multiply(at, b.number(access.elementBytes())));
}

Value KernelEmitter::readElement(Type element, Value address) {
  Value x = b.load(element, 1, address)[0];
  return element.isBF16()
             ? arith::ExtFOp::create(b, b.getF32Type(), x).getResult()
             : x;
}

void KernelEmitter::writeElement(Type element, ValueRange values,
                                 Value address) {
  SmallVector<Value> stored(values);
  if (element.isBF16())
    for (Value &x : stored)
      x = arith::TruncFOp::create(b, element, x);
  b.store(stored, address);
}

void KernelEmitter::guarded(Value guard, Emit emit) {
  if (!guard)
    return emit();
  OpBuilder::InsertionGuard restore(b);
  auto branch = scf::IfOp::create(b, guard, /*withElseRegion=*/false);
  b.setInsertionPointToStart(branch.thenBlock());
  emit();
}

//===----------------------------------------------------------------------===//
// Rows of a tile
//===----------------------------------------------------------------------===//

/// How many neighbours of a thread's `width` to move at once.
static int64_t moveWidth(int64_t width, int64_t together, int64_t columns,
                         bool inside) {
  if (!inside)
    return 1;
  int64_t count = std::min(width, together);
  while (columns % count != 0)
    count /= 2;
  return count;
}

void KernelEmitter::readRow(const Access &access, Value address, Value none,
                            Registers &to) {
  const Distribution &d = distribution;
  int64_t count =
      moveWidth(d.width, access.together, access.columns, access.columnInside);
  Type element = access.view.element;
  for (int64_t j = 0; j < d.stepsOfThread(access.columns); ++j) {
    for (int64_t v = 0; v < d.width; v += count) {
      Value column = columnIndex(access.column, j, v);
      if (ownsColumn(access.columns, j, v))
        column = b.least(
            column, b.add(access.column, b.number(access.columns - count)));
      if (!access.columnInside)
        column = b.least(column,
                         b.subtract(access.view.extents.back(), b.number(1)));
      Value at = b.multiply(column, access.view.strides.back());
      at = b.offset(address, b.multiply(at, b.number(access.elementBytes())));
      for (Value x : b.load(element, count, at)) {
        if (element.isBF16())
          x = arith::ExtFOp::create(b, b.getF32Type(), x);
        if (none) {
          TypedAttr zero = b.getZeroAttr(x.getType());
          x = b.select(none, arith::ConstantOp::create(b, zero), x);
        }
        to.push_back(x);
      }
    }
  }
}

/// Turns a square of words: of four lanes side by side, the i-th gives its j-th
/// word to the j-th as the i-th.
static void transpose(Device &b, Value laneColumn,
                      MutableArrayRef<Value> word) {
  for (int32_t bit : {1, 2}) {
    Value isOdd = arith::CmpIOp::create(
        b, arith::CmpIPredicate::ne,
        arith::AndIOp::create(b, laneColumn, b.word(bit)), b.word(0));
    for (int32_t i = 0; i < 4; ++i) {
      if (i & bit)
        continue;
      Value &low = word[i], &high = word[i | bit];
      Value got = b.exchange(b.select(isOdd, low, high), bit);
      Value kept = low;
      low = b.select(isOdd, got, kept);
      high = b.select(isOdd, high, got);
    }
  }
}

/// Writes a row of bf16 by 16 bytes: four lanes, each of which has two columns
/// of every eight, give each other what makes eight neighbours.
void KernelEmitter::writeWideRow(const Access &access, Value address,
                                 Value guard, ValueRange row) {
  SmallVector<Value> words;
  for (size_t i = 0; i < row.size(); i += 2)
    words.push_back(b.pack(row[i], row[i + 1]));
  for (size_t i = 0; i < words.size(); i += 4)
    transpose(b, laneColumn, MutableArrayRef(words).slice(i, 4));
  Value column =
      b.add(access.column, b.toIndex(b.multiply(laneColumn, b.word(8))));
  Value first = b.offset(address, b.multiply(column, b.number(2)));
  guarded(guard, [&] {
    for (size_t i = 0; i < words.size(); i += 4)
      b.store(ValueRange(words).slice(i, 4), b.offset(first, int64_t(16 * i)));
  });
}

void KernelEmitter::writeRow(const Access &access, Value address, Value guard,
                             ValueRange row) {
  const Distribution &d = distribution;
  if (access.view.element.isBF16() && d.laneColumns == 4 && d.width == 2 &&
      access.columns % 32 == 0 && access.columnInside && access.together == 8)
    return writeWideRow(access, address, guard, row);
  int64_t count =
      moveWidth(d.width, access.together, access.columns, access.columnInside);
  guarded(guard, [&] {
    for (int64_t j = 0; j < d.stepsOfThread(access.columns); ++j) {
      for (int64_t v = 0; v < d.width; v += count) {
        Value column = columnIndex(access.column, j, v);
        Value own = ownsColumn(access.columns, j, v);
        if (!access.columnInside)
          own = b.both(own, b.below(column, access.view.extents.back()));
        guarded(own, [&] {
          Value at = b.multiply(column, access.view.strides.back());
          at = b.multiply(at, b.number(access.elementBytes()));
          writeElement(access.view.element, row.slice(j * d.width + v, count),
                       b.offset(address, at));
        });
      }
    }
  });
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

Registers KernelEmitter::readTile(const Access &access, Layout layout) {
  Registers values;
  if (layout == Layout::Columns) {
    readRow(access, rowAddress(access, Value()), Value(), values);
    return values;
  }
  // A line that lies as rows: its one coordinate runs over rows.
  bool isLine = layout == Layout::Rows;
  int64_t rows = isLine ? access.columns : access.rows;
  Value first = isLine ? access.column : access.row;
  bool inside = isLine ? access.columnInside : access.rowInside;
  for (int64_t i = 0; i < distribution.rowsOfThread(rows); ++i) {
    Value row = rowIndex(rows, i);
    if (ownsRow(rows, i))
      row = b.least(row, b.number(rows - 1));
    row = b.add(first, row);
    if (!inside)
      row = b.least(row, b.subtract(access.view.extents.front(), b.number(1)));
    if (isLine)
      values.push_back(
          readElement(access.view.element, addressOf(access, Value(), row)));
    else
      readRow(access, rowAddress(access, row), Value(), values);
  }
  return values;
}

/// The stream that may wait for an operand of products, because nothing before
/// its body reads it; or null.
static tile::StreamOp findReader(tile::LoadOp load) {
  Value tile = load.getResult();
  for (Operation *op = load->getNextNode(); op; op = op->getNextNode()) {
    auto stream = dyn_cast<tile::StreamOp>(op);
    bool isRead = llvm::any_of(tile.getUsers(), [&](Operation *user) {
      return op->isAncestor(user) &&
             !(stream && stream.getBody().isAncestor(user->getParentRegion()));
    });
    if (isRead || (op->getNumRegions() != 0 && !stream))
      return {};
    if (stream)
      return stream;
  }
  return {};
}

void KernelEmitter::emitLoad(tile::LoadOp op, bool isNeeded) {
  Value result = op.getResult();
  if (ringLoads.contains(result) || (isDeferred(op) && !isNeeded))
    return;
  auto type = cast<RankedTensorType>(op.getType());
  Access access = accessOf(op.getView(), op.getIndices(), type);
  Layout layout = layouts.of(result);
  if (!isProductOperand(result)) {
    define(result, layout, readTile(access, layout));
    return;
  }
  SharedTile tile = allocateTile(type);
  b.barrier();
  clearPadding(tile, type, 1);
  copyTile(access, tile);
  b.commitCopies();
  sharedTiles[result] = tile;
  if (tile::StreamOp reader = pipeline ? tile::StreamOp() : findReader(op)) {
    awaiting.insert(reader);
    return;
  }
  b.waitForCopies(0);
  b.barrier();
}

void KernelEmitter::emitGather(tile::GatherOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<Value> columns;
  if (op.getColumn())
    columns.push_back(op.getColumn());
  Access access = accessOf(op.getView(), columns, type);
  Registers ids = registersOf(op.getRows(), Layout::Rows);
  Value zero = b.word(0);
  Registers values;
  for (Value id : ids) {
    Value none = b.below(id, zero);
    Value row = b.toIndex(arith::MaxSIOp::create(b, id, zero));
    row = b.least(row, b.subtract(access.view.extents.front(), b.number(1)));
    if (type.getRank() == 2) {
      readRow(access, rowAddress(access, row), none, values);
      continue;
    }
    Value x = readElement(access.view.element, addressOf(access, Value(), row));
    TypedAttr nothing = b.getZeroAttr(x.getType());
    values.push_back(b.select(none, arith::ConstantOp::create(b, nothing), x));
  }
  bool isLine = type.getRank() == 1;
  define(op.getResult(), isLine ? Layout::Rows : Layout::Matrix, values);
  placeOperand(op.getResult());
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

void KernelEmitter::storeLine(const Access &access, ValueRange line,
                              Layout layout) {
  bool rows = layout == Layout::Rows;
  Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                        rows ? laneColumn : laneRow, b.word(0));
  if (!rows) {
    Value guard = b.both(isFirst, isOwner(1));
    return writeRow(access, rowAddress(access, Value()), guard, line);
  }
  for (auto [i, x] : llvm::enumerate(line)) {
    Value row = b.add(access.column, rowIndex(access.columns, i));
    Value guard = b.both(isFirst, isOwner(access.columns));
    guard = b.both(guard, ownsRow(access.columns, i));
    if (!access.columnInside)
      guard = b.both(guard, b.below(row, access.view.extents.front()));
    guarded(guard, [&, value = x] {
      writeElement(access.view.element, value, addressOf(access, Value(), row));
    });
  }
}

void KernelEmitter::emitStore(tile::StoreOp op) {
  auto type = cast<RankedTensorType>(op.getValue().getType());
  Access access = accessOf(op.getView(), op.getIndices(), type);
  Layout layout = layouts.of(resolve(op.getValue()));
  Registers values = registersOf(op.getValue(), layout);
  settleStores(op.getView());
  if (layout != Layout::Matrix) {
    storeLine(access, values, layout);
    return settleStores(op.getView());
  }
  int64_t slots = distribution.rowsOfThread(access.rows);
  int64_t width = values.size() / slots;
  for (int64_t i = 0; i < slots; ++i) {
    Value row = b.add(access.row, rowIndex(access.rows, i));
    Value guard = b.both(isOwner(access.rows), ownsRow(access.rows, i));
    if (!access.rowInside)
      guard = b.both(guard, b.below(row, access.view.extents.front()));
    writeRow(access, rowAddress(access, row), guard,
             ValueRange(values).slice(i * width, width));
  }
  settleStores(op.getView());
}

void KernelEmitter::emitScatter(tile::ScatterOp op) {
  auto type = cast<RankedTensorType>(op.getValue().getType());
  SmallVector<Value> columns;
  if (op.getColumn())
    columns.push_back(op.getColumn());
  Access access = accessOf(op.getView(), columns, type);
  bool isLine = type.getRank() == 1;
  int64_t rows = type.getDimSize(0);
  Registers ids = registersOf(op.getRows(), Layout::Rows);
  Registers values =
      registersOf(op.getValue(), isLine ? Layout::Rows : Layout::Matrix);
  int64_t width = values.size() / ids.size();
  settleStores(op.getView());
  for (auto [i, id] : llvm::enumerate(ids)) {
    Value row = arith::IndexCastOp::create(b, b.getIndexType(), id);
    // One unsigned compare: negative numbers are large.
    Value guard = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, row,
                                        access.view.extents.front());
    guard = b.both(b.both(guard, isOwner(rows)), ownsRow(rows, i));
    ValueRange part = ValueRange(values).slice(i * width, width);
    if (!isLine) {
      writeRow(access, rowAddress(access, row), guard, part);
      continue;
    }
    Value isFirst = arith::CmpIOp::create(b, arith::CmpIPredicate::eq,
                                          laneColumn, b.word(0));
    guarded(b.both(guard, isFirst), [&] {
      writeElement(access.view.element, part, addressOf(access, Value(), row));
    });
  }
  settleStores(op.getView());
}

} // namespace heed::nvgpu
