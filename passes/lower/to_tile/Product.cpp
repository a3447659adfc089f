//===- Product.cpp - A tile of rows times a weight ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/Product.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace heed {

ColumnBlock ColumnBlocks::place(KernelWriter &k, Value number) const {
  Value head = k.divide(number, perHead());
  Value inHead = k.multiply(k.remainder(number, perHead()), width_);
  return {k.add(k.multiply(head, headWidth_), inHead), head, inHead};
}

Product::Product(KernelWriter &k, attn::LinearOp op, int64_t depthBlock)
    : k_(k), op_(op),
      depth_(cast<RankedTensorType>(op.getWeight().getType()).getDimSize(1)),
      block_(std::min(depthBlock, depth_)) {}

Value Product::step(Value input, Value weight, Value acc) {
  auto product =
      tile::MmaOp::create(k_.builder(), acc.getType(), input, weight, acc,
                          UnitAttr(), k_.builder().getUnitAttr());
  return product;
}

Value Product::write(Value input, Value row, int64_t rows, Value column,
                     int64_t columns) {
  auto weightType = cast<RankedTensorType>(op_.getWeight().getType());
  Value weight = k_.rows(k_.argument(op_.getWeight()), k_.index(0),
                         k_.fixed(weightType.getDimSize(0)), k_.fixed(depth_),
                         k_.fixed(depth_));
  int64_t whole = depth_ - depth_ % block_;
  Value zero = k_.splat(0.0f, {rows, columns});
  auto load = [&](OpBuilder &, Location, Value i) -> SmallVector<Value> {
    return {k_.load(input, {row, i}, {rows, block_}),
            k_.load(weight, {column, i}, {columns, block_})};
  };
  auto body = [&](OpBuilder &, Location, Value, ValueRange loaded,
                  ValueRange carried) -> SmallVector<Value> {
    return {step(loaded[0], loaded[1], carried[0])};
  };
  Value acc = tile::StreamOp::create(k_.builder(), k_.index(0), k_.index(whole),
                                     k_.index(block_), zero,
                                     tile::StreamWhereFn(), load, body)
                  .getResult(0);
  // What the block does not divide is one narrower step.
  if (int64_t rest = depth_ - whole) {
    Value at = k_.index(whole);
    acc = step(k_.load(input, {row, at}, {rows, rest}),
               k_.load(weight, {column, at}, {columns, rest}), acc);
  }
  if (Value bias = op_.getBias()) {
    Value line = k_.line(k_.argument(bias), k_.index(0),
                         k_.fixed(weightType.getDimSize(0)));
    Value tile = k_.widen(k_.load(line, {column}, {columns}));
    acc = arith::AddFOp::create(k_.builder(), acc, k_.perColumn(tile, rows));
  }
  return acc;
}

} // namespace heed
