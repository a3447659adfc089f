//===- EmitMemory.cpp - Loads and stores ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A loaded tile is copied to scratch memory, in its layout, unless products
/// can read it where it lies. Edges: an index is clamped to the view, a store
/// counts only what lies inside. Memory holds bf16 as i16, values hold it as
/// f32; the step between is a shift, since values are rounded already.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace heed::cpu {

//===----------------------------------------------------------------------===//
// Access
//===----------------------------------------------------------------------===//

KernelEmitter::Access KernelEmitter::accessOf(Value view, ValueRange indices,
                                              RankedTensorType type) {
  auto op = view.getDefiningOp<tile::ViewOp>();
  auto viewType = cast<MemRefType>(view.getType());
  Access access;
  access.view = scalars.lookup(view);
  access.narrow = viewType.getElementType().isBF16();
  access.contiguous = op.getStaticStrides().back() == 1;
  int64_t first = viewType.getRank() - static_cast<int64_t>(indices.size());
  for (auto [number, extent] : llvm::enumerate(op.getMixedSizes())) {
    auto dynamic = dyn_cast<Value>(extent);
    access.extents.push_back(dynamic ? scalars.lookup(dynamic)
                                     : index(viewType.getDimSize(number)));
    int64_t position = static_cast<int64_t>(number) - first;
    if (position < 0) { // A gather names the rows one by one.
      access.starts.push_back(index(0));
      access.inside.push_back(false);
      continue;
    }
    Value start = indices[position];
    access.starts.push_back(scalars.lookup(start));
    access.inside.push_back(liesInside(start, viewType.getDimSize(number),
                                       type.getDimSize(number)));
  }
  return access;
}

Value KernelEmitter::coordinate(const Access &access, unsigned dimension,
                                Value offset) {
  Value at = add(access.starts[dimension], offset);
  if (access.inside[dimension])
    return at;
  Value last =
      b.createOrFold<arith::SubIOp>(access.extents[dimension], index(1));
  return arith::MinSIOp::create(b, at, last);
}

Value KernelEmitter::widen(Value bits) {
  Type type = b.getI32Type(), held = b.getF32Type();
  TypedAttr shift = b.getI32IntegerAttr(16);
  if (auto vector = dyn_cast<VectorType>(bits.getType())) {
    type = VectorType::get(vector.getShape(), type);
    held = VectorType::get(vector.getShape(), held);
    shift = DenseElementsAttr::get(cast<ShapedType>(type), Attribute(shift));
  }
  Value wide = arith::ExtUIOp::create(b, type, bits);
  wide = arith::ShLIOp::create(b, wide, arith::ConstantOp::create(b, shift));
  return arith::BitcastOp::create(b, held, wide);
}

Value KernelEmitter::narrow(Value number) {
  Type type = b.getI32Type(), held = b.getI16Type();
  TypedAttr shift = b.getI32IntegerAttr(16);
  if (auto vector = dyn_cast<VectorType>(number.getType())) {
    type = VectorType::get(vector.getShape(), type);
    held = VectorType::get(vector.getShape(), held);
    shift = DenseElementsAttr::get(cast<ShapedType>(type), Attribute(shift));
  }
  Value bits = arith::BitcastOp::create(b, type, number);
  bits = arith::ShRUIOp::create(b, bits, arith::ConstantOp::create(b, shift));
  return arith::TruncIOp::create(b, held, bits);
}

Value KernelEmitter::readVector(const Access &access, ValueRange at,
                                int64_t width) {
  Type element = cast<MemRefType>(access.view.getType()).getElementType();
  Value x =
      vector::LoadOp::create(b, vectorType(element, width), access.view, at);
  return access.narrow ? widen(x) : x;
}

void KernelEmitter::writeVector(const Access &access, ValueRange at,
                                Value vector) {
  vector::StoreOp::create(b, access.narrow ? narrow(vector) : vector,
                          access.view, at);
}

Value KernelEmitter::readElement(const Access &access, ValueRange at) {
  Value x = memref::LoadOp::create(b, access.view, at);
  return access.narrow ? widen(x) : x;
}

void KernelEmitter::writeElement(const Access &access, ValueRange at,
                                 Value element) {
  memref::StoreOp::create(b, access.narrow ? narrow(element) : element,
                          access.view, at);
}

/// The coordinates of a row's element: those of a 1-D view are the column's.
static SmallVector<Value> place(Value row, Value column) {
  if (!row)
    return {column};
  return {row, column};
}

//===----------------------------------------------------------------------===//
// Loads
//===----------------------------------------------------------------------===//

bool KernelEmitter::isDirect(tile::LoadOp op) {
  auto type = cast<RankedTensorType>(op.getType());
  auto view = op.getView().getDefiningOp<tile::ViewOp>();
  if (type.getRank() != 2 || !view ||
      !liesInside(op.getIndices()[1],
                  cast<MemRefType>(view.getType()).getDimSize(1),
                  type.getDimSize(1)))
    return false;
  bool contiguous = view.getStaticStrides().back() == 1;
  bool narrow = type.getElementType().isBF16();
  return allUses(op.getResult(), [&](OpOperand &use) {
    auto mma = dyn_cast<tile::MmaOp>(use.getOwner());
    if (!mma || use.getOperandNumber() != 1)
      return false;
    switch (formOf(mma)) {
    case MmaForm::LanesM:
      return !narrow; // Widening each scalar anew would cost more.
    case MmaForm::LanesN:
      return contiguous && !mma.getTransposeB();
    case MmaForm::Dot:
      return contiguous;
    }
    llvm_unreachable("no such form");
  });
}

void KernelEmitter::loadRow(const Access &access, Value row, Value number,
                            const Buffer &buffer) {
  bool columns = buffer.layout == Layout::Columns;
  bool whole = access.contiguous && access.inside.back() && !columns;
  int64_t size = columns ? buffer.vectors : buffer.lanes;
  int64_t width = whole ? largestDivisor(size, 4 * unit.lanes) : 1;
  unsigned last = access.starts.size() - 1;
  loop(size, width, {}, [&](Value column, ValueRange) {
    SmallVector<Value> at = place(row, coordinate(access, last, column));
    if (whole)
      storeVector(readVector(access, at, width), buffer, number, column);
    else
      memref::StoreOp::create(b, readElement(access, at), buffer.memory,
                              columns ? ValueRange{column, number}
                                      : ValueRange{number, column});
    return SmallVector<Value>();
  });
}

void KernelEmitter::emitLoad(tile::LoadOp op) {
  if (isDirect(op)) {
    direct[op.getResult()] = op;
    return;
  }
  auto type = cast<RankedTensorType>(op.getType());
  Access access = accessOf(op.getView(), op.getIndices(), type);
  Buffer buffer = allocate(type, layouts.of(op.getResult()));
  buffers[op.getResult()] = buffer;
  if (type.getRank() == 1)
    return loadRow(access, Value(), index(0), buffer);
  loop(type.getDimSize(0), 1, {}, [&](Value row, ValueRange) {
    loadRow(access, coordinate(access, 0, row), row, buffer);
    return SmallVector<Value>();
  });
}

void KernelEmitter::emitGather(tile::GatherOp op) {
  flush();
  auto type = cast<RankedTensorType>(op.getType());
  SmallVector<Value> columns;
  if (op.getColumn())
    columns.push_back(op.getColumn());
  Access access = accessOf(op.getView(), columns, type);
  Buffer buffer = allocate(type, layouts.of(op.getResult()));
  buffers[op.getResult()] = buffer;
  TypedAttr zero = b.getZeroAttr(heldType(type.getElementType()));
  loop(type.getDimSize(0), 1, {}, [&](Value number, ValueRange) {
    Value id = arith::IndexCastOp::create(b, b.getIndexType(),
                                          elementOf(op.getRows(), number));
    Value isNone =
        arith::CmpIOp::create(b, arith::CmpIPredicate::slt, id, index(0));
    Value row = arith::MaxSIOp::create(b, coordinate(access, 0, id), index(0));
    if (type.getRank() == 1) {
      Value none = arith::ConstantOp::create(b, zero);
      Value x = readElement(access, row);
      x = arith::SelectOp::create(b, isNone, none, x);
      memref::StoreOp::create(b, x, buffer.memory,
                              ValueRange{index(0), number});
      return SmallVector<Value>();
    }
    auto branch = scf::IfOp::create(b, isNone, /*withElseRegion=*/true);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    clearRow(number, zero, buffer);
    b.setInsertionPointToStart(branch.elseBlock());
    loadRow(access, row, number, buffer);
    return SmallVector<Value>();
  });
}

void KernelEmitter::clearRow(Value number, TypedAttr zero,
                             const Buffer &buffer) {
  bool columns = buffer.layout == Layout::Columns;
  int64_t size = columns ? buffer.vectors : buffer.lanes;
  Value none = arith::ConstantOp::create(b, zero);
  loop(size, 1, {}, [&](Value column, ValueRange) {
    memref::StoreOp::create(b, none, buffer.memory,
                            columns ? ValueRange{column, number}
                                    : ValueRange{number, column});
    return SmallVector<Value>();
  });
}

//===----------------------------------------------------------------------===//
// Stores
//===----------------------------------------------------------------------===//

/// How many of `size` elements from `start` on lie below `extent`.
static Value countInside(ImplicitLocOpBuilder &b, Value start, Value extent,
                         int64_t size) {
  Value left = b.createOrFold<arith::SubIOp>(extent, start);
  return arith::MinSIOp::create(b, left,
                                arith::ConstantIndexOp::create(b, size));
}

void KernelEmitter::storeRow(const Access &access, Value row, Value number,
                             const Buffer &buffer) {
  bool columns = buffer.layout == Layout::Columns;
  bool inside = access.inside.back();
  bool whole = access.contiguous && inside && !columns;
  int64_t size = columns ? buffer.vectors : buffer.lanes;
  int64_t width = whole ? largestDivisor(size, 4 * unit.lanes) : 1;
  Value start = access.starts.back();
  Value count =
      inside ? index(size) : countInside(b, start, access.extents.back(), size);
  loop(count, width, {}, [&](Value column, ValueRange) {
    SmallVector<Value> at = place(row, add(start, column));
    if (whole) {
      Type element = cast<MemRefType>(buffer.memory.getType()).getElementType();
      writeVector(access, at,
                  vector::LoadOp::create(b, vectorType(element, width),
                                         buffer.memory,
                                         ValueRange{number, column}));
    } else {
      writeElement(access, at,
                   memref::LoadOp::create(b, buffer.memory,
                                          columns
                                              ? ValueRange{column, number}
                                              : ValueRange{number, column}));
    }
    return SmallVector<Value>();
  });
}

void KernelEmitter::emitStore(tile::StoreOp op) {
  flush();
  auto type = cast<RankedTensorType>(op.getValue().getType());
  Access access = accessOf(op.getView(), op.getIndices(), type);
  Buffer buffer = bufferOf(op.getValue(), layouts.of(op.getValue()));
  if (type.getRank() == 1)
    return storeRow(access, Value(), index(0), buffer);
  int64_t rows = type.getDimSize(0);
  Value count = access.inside[0]
                    ? index(rows)
                    : countInside(b, access.starts[0], access.extents[0], rows);
  loop(count, 1, {}, [&](Value row, ValueRange) {
    storeRow(access, add(access.starts[0], row), row, buffer);
    return SmallVector<Value>();
  });
}

void KernelEmitter::emitScatter(tile::ScatterOp op) {
  flush();
  auto type = cast<RankedTensorType>(op.getValue().getType());
  SmallVector<Value> columns;
  if (op.getColumn())
    columns.push_back(op.getColumn());
  Access access = accessOf(op.getView(), columns, type);
  Buffer buffer = bufferOf(op.getValue(), layouts.of(op.getValue()));
  loop(type.getDimSize(0), 1, {}, [&](Value number, ValueRange) {
    Value row = arith::IndexCastOp::create(b, b.getIndexType(),
                                           elementOf(op.getRows(), number));
    // One unsigned compare: negative numbers are large.
    Value exists = arith::CmpIOp::create(b, arith::CmpIPredicate::ult, row,
                                         access.extents[0]);
    auto branch = scf::IfOp::create(b, exists, /*withElseRegion=*/false);
    OpBuilder::InsertionGuard guard(b);
    b.setInsertionPointToStart(branch.thenBlock());
    if (type.getRank() == 1)
      writeElement(access, row,
                   memref::LoadOp::create(b, buffer.memory,
                                          ValueRange{index(0), number}));
    else
      storeRow(access, row, number, buffer);
    return SmallVector<Value>();
  });
}

} // namespace heed::cpu
