//===- EmitValues.cpp - Where a tile's vectors and elements come from -----===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A tile is in a buffer, or free to make again where it is read. In both cases
/// one asks for `width` lanes of one of its vectors.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace heed::cpu {

static bool isMask(Value tile) {
  return cast<RankedTensorType>(tile.getType()).getElementType().isInteger(1);
}

/// The value of a constant tile of equal elements, as an emitted scalar holds
/// it.
static TypedAttr splatOf(arith::ConstantOp op) {
  auto elements = cast<SplatElementsAttr>(op.getValue());
  auto scalar = cast<TypedAttr>(elements.getSplatValue<Attribute>());
  if (auto value = dyn_cast<FloatAttr>(scalar))
    return FloatAttr::get(Float32Type::get(op.getContext()),
                          value.getValue().convertToDouble());
  return scalar;
}

//===----------------------------------------------------------------------===//
// Buffers
//===----------------------------------------------------------------------===//

Buffer KernelEmitter::allocate(RankedTensorType type, Layout layout) {
  Buffer buffer;
  buffer.layout = type.getRank() == 1 ? Layout::Rows : layout;
  bool columns = layout == Layout::Columns;
  buffer.vectors = type.getRank() == 1 ? 1 : type.getDimSize(columns);
  buffer.lanes =
      type.getRank() == 1 ? type.getDimSize(0) : type.getDimSize(!columns);
  auto memory = MemRefType::get({buffer.vectors, buffer.lanes},
                                heldType(type.getElementType()));
  buffer.memory = memref::ViewOp::create(b, memory, scratch,
                                         index(scratchBytes), ValueRange());
  // Every element takes four bytes; a line of 64 for each buffer's start.
  scratchBytes += llvm::alignTo(buffer.vectors * buffer.lanes * 4, 64);
  return buffer;
}

const Buffer *KernelEmitter::findBuffer(Value tile) {
  auto found = buffers.find(resolve(tile));
  return found == buffers.end() ? nullptr : &found->second;
}

Buffer KernelEmitter::bufferOf(Value tile, Layout layout) {
  const Buffer *found = findBuffer(tile);
  bool isMatrix = cast<RankedTensorType>(tile.getType()).getRank() == 2;
  if (found && (!isMatrix || found->layout == layout))
    return *found;
  Buffer buffer = allocate(cast<RankedTensorType>(tile.getType()), layout);
  copyInto(tile, buffer);
  return buffer;
}

void KernelEmitter::copyBuffer(const Buffer &from, const Buffer &to) {
  if (from.memory == to.memory)
    return;
  bool turned = from.layout != to.layout;
  int64_t width = turned ? 1 : largestDivisor(to.lanes, 4 * unit.lanes);
  loop(to.vectors, 1, {}, [&](Value vector, ValueRange) {
    loop(to.lanes, width, {}, [&](Value lane, ValueRange) {
      if (turned) {
        Value x =
            memref::LoadOp::create(b, from.memory, ValueRange{lane, vector});
        memref::StoreOp::create(b, x, to.memory, ValueRange{vector, lane});
      } else {
        Type element = cast<MemRefType>(to.memory.getType()).getElementType();
        Value x = vector::LoadOp::create(b, vectorType(element, width),
                                         from.memory, ValueRange{vector, lane});
        vector::StoreOp::create(b, x, to.memory, ValueRange{vector, lane});
      }
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
}

void KernelEmitter::copyInto(Value tile, const Buffer &target) {
  if (const Buffer *from = findBuffer(tile))
    return copyBuffer(*from, target);
  int64_t width = largestDivisor(target.lanes, 4 * unit.lanes);
  loop(target.vectors, 1, {}, [&](Value vector, ValueRange) {
    loop(target.lanes, width, {}, [&](Value lane, ValueRange) {
      Value x = makeVector(resolve(tile), target.layout, vector, lane, width);
      storeVector(x, target, vector, lane);
      return SmallVector<Value>();
    });
    return SmallVector<Value>();
  });
}

void KernelEmitter::storeVector(Value x, const Buffer &target, Value vector,
                                Value lane) {
  auto type = cast<VectorType>(x.getType());
  if (type.getElementType().isInteger(1))
    x = arith::ExtUIOp::create(
        b, vectorType(b.getI32Type(), type.getDimSize(0)), x);
  vector::StoreOp::create(b, x, target.memory, ValueRange{vector, lane});
}

//===----------------------------------------------------------------------===//
// Vectors
//===----------------------------------------------------------------------===//

Value KernelEmitter::vectorOf(Value tile, Layout layout, Value vector,
                              Value lane, int64_t width) {
  tile = resolve(tile);
  if (Value known = registers.lookup(tile))
    return known;
  Value made = makeVector(tile, layout, vector, lane, width);
  registers[tile] = made;
  return made;
}

Value KernelEmitter::makeVector(Value tile, Layout layout, Value vector,
                                Value lane, int64_t width) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (const Buffer *buffer = findBuffer(tile)) {
    VectorType held = vectorType(heldType(type.getElementType()), width);
    Value x = vector::LoadOp::create(b, held, buffer->memory,
                                     ValueRange{vector, lane});
    if (!isMask(tile))
      return x;
    Value zero = arith::ConstantOp::create(b, b.getZeroAttr(held));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x, zero);
  }
  Operation *op = tile.getDefiningOp();
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    TypedAttr value = splatOf(constant);
    return arith::ConstantOp::create(
        b, DenseElementsAttr::get(vectorType(value.getType(), width),
                                  Attribute(value)));
  }
  if (auto splat = dyn_cast<tensor::SplatOp>(op)) {
    Value scalar = scalars.lookup(splat.getInput());
    return vector::BroadcastOp::create(b, vectorType(scalar.getType(), width),
                                       scalar);
  }
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    // Does the source lie along the lanes?
    bool along = (broadcast.getDimension() == 0) == (layout == Layout::Rows);
    Value source = resolve(broadcast.getSource());
    if (along)
      return makeVector(source, Layout::Rows, index(0), lane, width);
    Value scalar = elementOf(source, vector);
    return vector::BroadcastOp::create(b, vectorType(scalar.getType(), width),
                                       scalar);
  }
  auto iota = cast<tile::IotaOp>(op);
  VectorType indices = vectorType(b.getIndexType(), width);
  VectorType numbers = vectorType(b.getI32Type(), width);
  Value steps = arith::IndexCastOp::create(b, numbers,
                                           vector::StepOp::create(b, indices));
  Value first = arith::IndexCastOp::create(
      b, b.getI32Type(), add(scalars.lookup(iota.getStart()), lane));
  return arith::AddIOp::create(b, steps,
                               vector::BroadcastOp::create(b, numbers, first));
}

//===----------------------------------------------------------------------===//
// Elements
//===----------------------------------------------------------------------===//

Value KernelEmitter::elementOf(Value tile, Value at) {
  tile = resolve(tile);
  if (const Buffer *buffer = findBuffer(tile)) {
    Value x =
        memref::LoadOp::create(b, buffer->memory, ValueRange{index(0), at});
    if (!isMask(tile))
      return x;
    Value zero = arith::ConstantOp::create(b, b.getI32IntegerAttr(0));
    return arith::CmpIOp::create(b, arith::CmpIPredicate::ne, x, zero);
  }
  Operation *op = tile.getDefiningOp();
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return arith::ConstantOp::create(b, splatOf(constant));
  if (auto splat = dyn_cast<tensor::SplatOp>(op))
    return scalars.lookup(splat.getInput());
  auto iota = cast<tile::IotaOp>(op);
  return arith::IndexCastOp::create(b, b.getI32Type(),
                                    add(scalars.lookup(iota.getStart()), at));
}

} // namespace heed::cpu
