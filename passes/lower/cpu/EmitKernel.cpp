//===- EmitKernel.cpp - Arguments, scalars, views, dispatch ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/KernelEmitter.h"

#include "passes/lower/kernel/ExpandMath.h"
#include "passes/lower/kernel/ProgramId.h"
#include "passes/lower/kernel/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"
#include "mlir/IR/Matchers.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace heed::cpu {

KernelEmitter::KernelEmitter(tile::KernelOp kernel, const VectorUnit &unit)
    : kernel(kernel), unit(unit), layouts(kernel),
      b(kernel.getLoc(), kernel.getContext()) {}

func::FuncOp KernelEmitter::emit(ModuleOp module) {
  SmallVector<Type> types;
  for (BlockArgument argument : kernel.getArguments()) {
    auto buffer = dyn_cast<MemRefType>(argument.getType());
    types.push_back(
        buffer ? MemRefType::get({1}, memoryType(buffer.getElementType()))
               : argument.getType());
  }
  types.push_back(MemRefType::get({1}, b.getI8Type()));
  types.push_back(b.getIndexType());
  b.setInsertionPointToEnd(module.getBody());
  auto function = func::FuncOp::create(b, kernel.getSymName(),
                                       b.getFunctionType(types, {}));
  b.setInsertionPointToStart(function.addEntryBlock());
  mapArguments(function);
  emitBlock(kernel.getBody().front());
  func::ReturnOp::create(b);
  // Only now is the size of the scratch memory known.
  types[types.size() - 2] =
      MemRefType::get({std::max<int64_t>(scratchBytes, 1)}, b.getI8Type());
  scratch.setType(types[types.size() - 2]);
  function.setFunctionType(b.getFunctionType(types, {}));
  return function;
}

void KernelEmitter::mapArguments(func::FuncOp function) {
  Value none = index(0);
  Value many = index(int64_t(1) << 40);
  for (auto [from, to] :
       llvm::zip(kernel.getArguments(), function.getArguments())) {
    auto type = dyn_cast<MemRefType>(to.getType());
    if (!type) {
      scalars.map(from, to);
      continue;
    }
    auto flat = MemRefType::get(
        {ShapedType::kDynamic}, type.getElementType(),
        StridedLayoutAttr::get(b.getContext(), ShapedType::kDynamic, {1}));
    Value cast = memref::ReinterpretCastOp::create(
        b, flat, to, OpFoldResult(none), ArrayRef<OpFoldResult>{many},
        ArrayRef<OpFoldResult>{b.getIndexAttr(1)});
    scalars.map(from, cast);
  }
  scratch = function.getArguments().drop_back().back();
  program = function.getArguments().back();
}

//===----------------------------------------------------------------------===//
// Dispatch
//===----------------------------------------------------------------------===//

void KernelEmitter::emitBlock(Block &block) {
  for (Operation &op : block.without_terminator()) {
    b.setLoc(op.getLoc());
    emitOp(&op);
  }
  flush();
}

void KernelEmitter::emitOp(Operation *op) {
  if (isFree(op))
    return;
  if (isElementwiseOnTiles(op))
    return addToGroup(op);
  if (auto reduce = dyn_cast<tile::ReduceOp>(op)) {
    if (isa<RankedTensorType>(reduce.getType()))
      return addToGroup(op);
    return emitScalarReduce(reduce);
  }
  llvm::TypeSwitch<Operation *>(op)
      .Case([&](tile::ViewOp view) { emitView(view); })
      .Case([&](tile::LoadOp load) { emitLoad(load); })
      .Case([&](tile::GatherOp gather) { emitGather(gather); })
      .Case([&](tile::StoreOp store) { emitStore(store); })
      .Case([&](tile::ScatterOp scatter) { emitScatter(scatter); })
      .Case([&](tile::MmaOp mma) { emitMma(mma); })
      .Case([&](tile::StreamOp stream) { emitStream(stream); })
      .Case([&](tile::ProgramIdOp id) {
        scalars.map(id.getResult(), buildProgramId(b, id, program, scalars));
      })
      .Case<scf::ForOp>([&](auto) { emitFor(op); })
      .Case<scf::IfOp>([&](auto) { emitIf(op); })
      .Case<memref::LoadOp, memref::StoreOp>([&](auto) { emitElement(op); })
      .Default([&](Operation *) { emitScalar(op); });
}

//===----------------------------------------------------------------------===//
// Scalars and views
//===----------------------------------------------------------------------===//

void KernelEmitter::emitScalar(Operation *op) {
  if (isa<RankedTensorType>(op->getResult(0).getType()))
    return; // A widening: a second name.
  buildScalar(b, op, scalars, [&](Value x) { return roundToBF16(b, x); });
}

void KernelEmitter::emitView(tile::ViewOp op) {
  auto map = [&](ArrayRef<OpFoldResult> values) {
    SmallVector<OpFoldResult> mapped(values);
    for (OpFoldResult &value : mapped)
      if (auto dynamic = dyn_cast<Value>(value))
        value = scalars.lookup(dynamic);
    return mapped;
  };
  auto type = cast<MemRefType>(op.getType());
  type = MemRefType::get(type.getShape(), memoryType(type.getElementType()),
                         type.getLayout());
  Value view = memref::ReinterpretCastOp::create(
      b, type, scalars.lookup(op.getBuffer()),
      OpFoldResult(scalars.lookup(op.getOffset())), map(op.getMixedSizes()),
      map(op.getMixedStrides()));
  scalars.map(op.getResult(), view);
}

void KernelEmitter::emitElement(Operation *op) {
  // A group in flight only computes; a store must not overtake a load.
  Access access;
  SmallVector<Value> at;
  auto fill = [&](Value memory, ValueRange indices) {
    access.view = scalars.lookup(memory);
    access.narrow =
        cast<MemRefType>(memory.getType()).getElementType().isBF16();
    for (Value value : indices)
      at.push_back(scalars.lookup(value));
  };
  if (auto load = dyn_cast<memref::LoadOp>(op)) {
    fill(load.getMemref(), load.getIndices());
    scalars.map(load.getResult(), readElement(access, at));
    return;
  }
  auto store = cast<memref::StoreOp>(op);
  fill(store.getMemref(), store.getIndices());
  writeElement(access, at, scalars.lookup(store.getValue()));
}

//===----------------------------------------------------------------------===//
// Building blocks
//===----------------------------------------------------------------------===//

Value KernelEmitter::index(int64_t value) {
  return arith::ConstantIndexOp::create(b, value);
}

Value KernelEmitter::add(Value x, Value y) {
  return b.createOrFold<arith::AddIOp>(x, y);
}

VectorType KernelEmitter::vectorType(Type element, int64_t width) {
  return VectorType::get({width}, element);
}

SmallVector<Value> KernelEmitter::loop(Value count, int64_t step,
                                       ValueRange inits, Body body) {
  auto loop = scf::ForOp::create(
      b, index(0), count, index(step), inits,
      [&](OpBuilder &, Location, Value iv, ValueRange arguments) {
        OpBuilder::InsertionGuard guard(b);
        scf::YieldOp::create(b, body(iv, arguments));
      });
  return SmallVector<Value>(loop.getResults());
}

SmallVector<Value> KernelEmitter::loop(int64_t count, int64_t step,
                                       ValueRange inits, Body body) {
  if (count == step)
    return body(index(0), inits);
  return loop(index(count), step, inits, body);
}

int64_t largestDivisor(int64_t count, int64_t limit) {
  int64_t divisor = std::min(count, limit);
  while (count % divisor != 0)
    --divisor;
  return divisor;
}

Type heldType(Type type) {
  if (type.isBF16())
    return Float32Type::get(type.getContext());
  return type.isInteger(1) ? IntegerType::get(type.getContext(), 32) : type;
}

Type memoryType(Type type) {
  return type.isBF16() ? IntegerType::get(type.getContext(), 16) : type;
}

} // namespace heed::cpu
