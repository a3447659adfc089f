//===- KernelWriter.cpp - Build one kernel of a group ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/KernelWriter.h"

#include "dialects/attn/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/Matchers.h"

using namespace mlir;

namespace heed {

KernelWriter::KernelWriter(func::FuncOp group)
    : group_(group), b_(group.getLoc(), group.getContext()) {
  b_.setInsertionPoint(group);
  kernel_ = tile::KernelOp::create(b_, group.getName().str() + "_kernel",
                                   TypeRange(), ArrayRef<tile::GridExtent>());
  b_.setInsertionPointToEnd(&kernel_.getBody().front());
}

//===----------------------------------------------------------------------===//
// Words
//===----------------------------------------------------------------------===//

static Type bufferOf(Type element) {
  return MemRefType::get({ShapedType::kDynamic}, element);
}

Value KernelWriter::word(LaunchWord word, Type type) {
  auto known = llvm::find(words_, word);
  if (known != words_.end())
    return kernel_.getArguments()[known - words_.begin()];
  words_.push_back(word);
  return kernel_.getBody().addArgument(type, group_.getLoc());
}

unsigned KernelWriter::numberOf(Value value) {
  return cast<BlockArgument>(value).getArgNumber();
}

Value KernelWriter::argument(unsigned number) {
  return argument(group_.getArgument(number));
}

Value KernelWriter::argument(Value value) {
  return word({LaunchWord::Argument, numberOf(value)},
              bufferOf(getElementTypeOrSelf(value.getType())));
}

Value KernelWriter::result(unsigned number) {
  Type type = group_.getFunctionType().getResult(number);
  return word({LaunchWord::Result, number},
              bufferOf(getElementTypeOrSelf(type)));
}

Value KernelWriter::batch() {
  return word({LaunchWord::Batch}, b_.getIndexType());
}

Value KernelWriter::tokens(Value value) {
  return word({LaunchWord::Tokens, numberOf(value)}, b_.getIndexType());
}

Value KernelWriter::slots() {
  return word({LaunchWord::Slots}, bufferOf(b_.getI32Type()));
}

Value KernelWriter::cacheField(Value cache, unsigned field) {
  auto type = cast<attn::CacheType>(cache.getType());
  return word({LaunchWord::Field, numberOf(cache), field},
              bufferOf(type.getFields()[field].getElementType()));
}

Value KernelWriter::cachePositions(Value cache) {
  return word({LaunchWord::Positions, numberOf(cache)},
              bufferOf(b_.getI32Type()));
}

Value KernelWriter::cacheCounts(Value cache) {
  return word({LaunchWord::Counts, numberOf(cache)}, bufferOf(b_.getI32Type()));
}

Value KernelWriter::cacheCapacity(Value cache) {
  return word({LaunchWord::Capacity, numberOf(cache)}, b_.getIndexType());
}

//===----------------------------------------------------------------------===//
// Grid
//===----------------------------------------------------------------------===//

void KernelWriter::setGrid(ArrayRef<GridDimension> grid) {
  SmallVector<int64_t> arguments, divisors;
  for (const GridDimension &dimension : grid) {
    arguments.push_back(
        dimension.size
            ? int64_t(cast<BlockArgument>(dimension.size).getArgNumber())
            : -1);
    divisors.push_back(dimension.divisor);
  }
  kernel_.setGridArguments(arguments);
  kernel_.setGridDivisors(divisors);
}

Value KernelWriter::program(int64_t dimension) {
  return tile::ProgramIdOp::create(b_, b_.getIndexType(), dimension);
}

void KernelWriter::onlyBelow(Value value, Value bound) {
  Value below =
      arith::CmpIOp::create(b_, arith::CmpIPredicate::slt, value, bound);
  auto guard = scf::IfOp::create(b_, below, /*withElseRegion=*/false);
  b_.setInsertionPointToStart(guard.thenBlock());
}

void KernelWriter::finish() {
  b_.setInsertionPointToEnd(&kernel_.getBody().front());
  tile::ReturnOp::create(b_);
  group_.getBody().dropAllReferences();
  group_.getBody().getBlocks().clear();
  setLaunches(group_, {Launch{kernel_.getSymName().str(), words_, product_}});
}

//===----------------------------------------------------------------------===//
// Indices
//===----------------------------------------------------------------------===//

Value KernelWriter::index(int64_t value) {
  return arith::ConstantIndexOp::create(b_, value);
}
Value KernelWriter::add(Value x, Value y) {
  return b_.createOrFold<arith::AddIOp>(x, y);
}
Value KernelWriter::subtract(Value x, Value y) {
  return b_.createOrFold<arith::SubIOp>(x, y);
}
Value KernelWriter::multiply(Value x, Value y) {
  return b_.createOrFold<arith::MulIOp>(x, y);
}
Value KernelWriter::multiply(Value x, int64_t y) {
  return y == 1 ? x : multiply(x, index(y));
}
Value KernelWriter::divide(Value x, int64_t y) {
  return y == 1 ? x : b_.createOrFold<arith::DivUIOp>(x, index(y));
}
Value KernelWriter::remainder(Value x, int64_t y) {
  return y == 1 ? index(0) : b_.createOrFold<arith::RemUIOp>(x, index(y));
}
Value KernelWriter::minimum(Value x, Value y) {
  return b_.createOrFold<arith::MinSIOp>(x, y);
}
Value KernelWriter::castIndex(Value x, Type type) {
  return arith::IndexCastOp::create(b_, type, x);
}

//===----------------------------------------------------------------------===//
// Views and tiles
//===----------------------------------------------------------------------===//

Value KernelWriter::view(Value buffer, Value offset,
                         ArrayRef<OpFoldResult> sizes,
                         ArrayRef<OpFoldResult> strides) {
  return tile::ViewOp::create(b_, buffer, offset, sizes, strides);
}

Value KernelWriter::rows(Value buffer, Value offset, OpFoldResult rows,
                         OpFoldResult columns, OpFoldResult stride) {
  return view(buffer, offset, {rows, columns}, {stride, fixed(1)});
}

Value KernelWriter::line(Value buffer, Value offset, OpFoldResult size) {
  return view(buffer, offset, {size}, {fixed(1)});
}

Value KernelWriter::load(Value view, ArrayRef<Value> at,
                         ArrayRef<int64_t> shape) {
  Type element = cast<MemRefType>(view.getType()).getElementType();
  return tile::LoadOp::create(b_, RankedTensorType::get(shape, element), view,
                              at);
}

void KernelWriter::store(Value tile, Value view, ArrayRef<Value> at) {
  Type element = cast<MemRefType>(view.getType()).getElementType();
  tile::StoreOp::create(b_, narrow(tile, element), view, at);
}

Value KernelWriter::widen(Value tile) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (!isa<FloatType>(type.getElementType()) || type.getElementType().isF32())
    return tile;
  return arith::ExtFOp::create(b_, type.clone(b_.getF32Type()), tile);
}

Value KernelWriter::narrow(Value tile, Type element) {
  auto type = cast<RankedTensorType>(tile.getType());
  if (type.getElementType() == element)
    return tile;
  return arith::TruncFOp::create(b_, type.clone(element), tile);
}

Value KernelWriter::splat(float value, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, b_.getF32Type());
  return arith::ConstantOp::create(b_, DenseElementsAttr::get(type, value));
}

Value KernelWriter::splat(int32_t value, ArrayRef<int64_t> shape) {
  auto type = RankedTensorType::get(shape, b_.getI32Type());
  return arith::ConstantOp::create(b_, DenseElementsAttr::get(type, value));
}

Value KernelWriter::splat(Value scalar, ArrayRef<int64_t> shape) {
  return tensor::SplatOp::create(
      b_, scalar, RankedTensorType::get(shape, scalar.getType()));
}

Value KernelWriter::perRow(Value tile, int64_t columns) {
  auto type = cast<RankedTensorType>(tile.getType());
  return tile::BroadcastOp::create(
      b_,
      RankedTensorType::get({type.getDimSize(0), columns},
                            type.getElementType()),
      tile, 1);
}

Value KernelWriter::perColumn(Value tile, int64_t rows) {
  auto type = cast<RankedTensorType>(tile.getType());
  return tile::BroadcastOp::create(
      b_,
      RankedTensorType::get({rows, type.getDimSize(0)}, type.getElementType()),
      tile, 0);
}

Value KernelWriter::reduce(tile::ReduceKind kind, Value tile,
                           int64_t dimension) {
  auto type = cast<RankedTensorType>(tile.getType());
  Type result = type.getElementType();
  if (type.getRank() == 2)
    result = RankedTensorType::get({type.getDimSize(1 - dimension)}, result);
  return tile::ReduceOp::create(b_, result, kind, tile, dimension);
}

Value KernelWriter::iota(Value start, int64_t count) {
  return tile::IotaOp::create(
      b_, RankedTensorType::get({count}, b_.getI32Type()), start);
}

} // namespace heed
