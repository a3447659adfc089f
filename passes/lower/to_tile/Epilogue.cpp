//===- Epilogue.cpp - What follows a group's root -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Epilogue.h"

#include "passes/lower/graph/JoinPolicy.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace heed {

Epilogue::Epilogue(func::FuncOp group, Operation *root) : root_(root) {
  Block &block = group.getBody().front();
  value_ = block.getTerminator()->getOperand(0);
  if (Operation *last = value_.getDefiningOp())
    if (isHeadView(last)) {
      view_ = last;
      value_ = last->getOperand(0);
    }
  type_ = cast<RankedTensorType>(value_.getType());
  for (Operation &op : block)
    if (&op != root && (isElementwise(&op) || isa<tensor::SplatOp>(op)))
      ops_.push_back(&op);
}

/// Returns the tile type that `type`, a tensor or scalar, has on tiles.
static Type onTiles(Type type, ArrayRef<int64_t> shape) {
  Type element = getElementTypeOrSelf(type);
  if (isa<FloatType>(element))
    element = Float32Type::get(type.getContext());
  if (isa<IndexType>(element))
    element = IntegerType::get(type.getContext(), 32);
  return RankedTensorType::get(shape, element);
}

/// Returns `value` as a tile of `shape`.
static Value asTile(KernelWriter &k, Value value, ArrayRef<int64_t> shape) {
  if (isa<RankedTensorType>(value.getType()))
    return value;
  if (isa<IndexType>(value.getType()))
    value = k.castIndex(value, k.builder().getI32Type());
  return k.splat(value, shape);
}

static Value lookup(KernelWriter &k, Value value, ArrayRef<int64_t> shape,
                    IRMapping &mapping) {
  if (Value mapped = mapping.lookupOrNull(value))
    return asTile(k, mapped, shape);
  // A scalar constant from around the region.
  auto constant = value.getDefiningOp<arith::ConstantOp>();
  TypedAttr attribute = constant.getValue();
  ImplicitLocOpBuilder &b = k.builder();
  if (auto number = dyn_cast<FloatAttr>(attribute))
    return k.splat(float(number.getValueAsDouble()), shape);
  if (isa<IndexType>(attribute.getType()))
    attribute = b.getI32IntegerAttr(cast<IntegerAttr>(attribute).getInt());
  Value scalar = arith::ConstantOp::create(b, attribute);
  return k.splat(scalar, shape);
}

/// Returns whether `op` only changes how a number is held: all floats are f32
/// here, and indices are i32.
static bool isSameOnTiles(Operation *op) {
  if (isa<arith::ExtFOp, arith::TruncFOp, arith::IndexCastOp,
          arith::IndexCastUIOp>(op))
    return true;
  return false;
}

void cloneOnTiles(KernelWriter &k, Operation *op, ArrayRef<int64_t> shape,
                  IRMapping &mapping) {
  if (auto splat = dyn_cast<tensor::SplatOp>(op)) {
    mapping.map(op->getResult(0), lookup(k, splat.getInput(), shape, mapping));
    return;
  }
  if (isa<arith::ConstantOp>(op)) {
    mapping.map(op->getResult(0), lookup(k, op->getResult(0), shape, mapping));
    return;
  }
  SmallVector<Value> operands;
  for (Value operand : op->getOperands())
    operands.push_back(lookup(k, operand, shape, mapping));
  if (isSameOnTiles(op)) {
    mapping.map(op->getResult(0), operands.front());
    return;
  }
  OperationState state(k.builder().getLoc(), op->getName());
  state.addOperands(operands);
  state.addTypes(onTiles(op->getResult(0).getType(), shape));
  state.addAttributes(op->getAttrs());
  state.propertiesAttr = op->getPropertiesAsAttribute();
  Operation *clone = k.builder().create(state);
  mapping.map(op->getResult(0), clone->getResult(0));
}

Value Epilogue::apply(KernelWriter &k, Value tile, LoadFn load) const {
  IRMapping mapping;
  ArrayRef<int64_t> shape;
  if (tile) {
    mapping.map(root_->getResult(0), tile);
    shape = cast<RankedTensorType>(tile.getType()).getShape();
  }
  auto prepare = [&](Value value) {
    if (mapping.contains(value) || !isa<BlockArgument>(value) ||
        !isa<RankedTensorType>(value.getType()))
      return;
    Value loaded = k.widen(load(value));
    shape = cast<RankedTensorType>(loaded.getType()).getShape();
    mapping.map(value, loaded);
  };
  for (Operation *op : ops_) {
    if (isa<tensor::SplatOp>(op))
      continue;
    for (Value operand : op->getOperands())
      prepare(operand);
  }
  prepare(value_);
  for (Operation *op : ops_)
    cloneOnTiles(k, op, shape, mapping);
  return mapping.lookup(value_);
}

} // namespace heed
