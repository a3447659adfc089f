//===- TileOps.cpp - Ops between memory and tiles, and on tiles -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Constraints of the ops in TileMemory.td and TileCompute.td. That of iota
/// needs no code: iota (C1) is the type of its result.
///
//===----------------------------------------------------------------------===//

#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/ImplicitLocOpBuilder.h"
#include "mlir/IR/Matchers.h"
#include "mlir/Interfaces/ViewLikeInterface.h"

using namespace mlir;
using namespace heed::tile;

bool heed::tile::isTile(Type type) {
  auto tile = dyn_cast<RankedTensorType>(type);
  if (!tile || !tile.hasStaticShape() || tile.getRank() < 1 ||
      tile.getRank() > 2)
    return false;
  Type element = tile.getElementType();
  return element.isF32() || element.isBF16() || element.isInteger(32) ||
         element.isInteger(1);
}

//===----------------------------------------------------------------------===//
// Views
//===----------------------------------------------------------------------===//

void ViewOp::build(OpBuilder &builder, OperationState &state, Value buffer,
                   Value offset, ArrayRef<OpFoldResult> sizes,
                   ArrayRef<OpFoldResult> strides) {
  SmallVector<int64_t> staticSizes, staticStrides;
  SmallVector<Value> dynamicSizes, dynamicStrides;
  dispatchIndexOpFoldResults(sizes, dynamicSizes, staticSizes);
  dispatchIndexOpFoldResults(strides, dynamicStrides, staticStrides);
  auto layout = StridedLayoutAttr::get(builder.getContext(),
                                       ShapedType::kDynamic, staticStrides);
  auto element = cast<MemRefType>(buffer.getType()).getElementType();
  build(builder, state, MemRefType::get(staticSizes, element, layout), buffer,
        offset, dynamicSizes, dynamicStrides, staticSizes, staticStrides);
}

SmallVector<OpFoldResult> ViewOp::getMixedSizes() {
  Builder builder(getContext());
  return mlir::getMixedValues(getStaticSizes(), getSizes(), builder);
}

SmallVector<OpFoldResult> ViewOp::getMixedStrides() {
  Builder builder(getContext());
  return mlir::getMixedValues(getStaticStrides(), getStrides(), builder);
}

LogicalResult ViewOp::verify() {
  auto buffer = cast<MemRefType>(getBuffer().getType());
  auto result = cast<MemRefType>(getType());
  if (!buffer.getLayout().isIdentity()) // (C1)
    return emitOpError("expects a buffer of identity layout, got ") << buffer;
  size_t rank = result.getRank(); // (C2)
  if (getStaticSizes().size() != rank || getStaticStrides().size() != rank)
    return emitOpError("expects ")
           << rank << " sizes and strides, got " << getStaticSizes().size()
           << " and " << getStaticStrides().size();
  auto count = [](ArrayRef<int64_t> values) -> size_t {
    return llvm::count_if(values, ShapedType::isDynamic);
  };
  if (count(getStaticSizes()) != getSizes().size() ||
      count(getStaticStrides()) != getStrides().size())
    return emitOpError("expects one value for each dynamic size and stride");
  auto layout = StridedLayoutAttr::get( // (C3)
      getContext(), ShapedType::kDynamic, getStaticStrides());
  auto wanted =
      MemRefType::get(getStaticSizes(), result.getElementType(), layout);
  if (result != wanted)
    return emitOpError("expects the result type ")
           << wanted << ", got " << result;
  if (buffer.getElementType() != result.getElementType()) // (C4)
    return emitOpError("expects one element type, got ")
           << buffer.getElementType() << " in the buffer and "
           << result.getElementType() << " in the result";
  return success();
}

//===----------------------------------------------------------------------===//
// Loads and stores
//===----------------------------------------------------------------------===//

/// Checks that `view`, `tile` and `indices` have one rank, which is load (C1),
/// store (C1), gather (C1) and scatter (C1), and that view and tile have one
/// element type, which is load (C2), store (C2), gather (C2) and scatter (C2).
static LogicalResult verifyAccess(Operation *op, Value view, Value tile,
                                  size_t indices) {
  auto viewType = cast<MemRefType>(view.getType());
  auto tileType = cast<RankedTensorType>(tile.getType());
  if (viewType.getRank() != tileType.getRank() ||
      tileType.getRank() != static_cast<int64_t>(indices))
    return op->emitOpError("expects view, tile and indices of one rank, got ")
           << viewType.getRank() << ", " << tileType.getRank() << " and "
           << indices;
  if (viewType.getElementType() != tileType.getElementType())
    return op->emitOpError("expects one element type, got ")
           << viewType.getElementType() << " in the view and "
           << tileType.getElementType() << " in the tile";
  return success();
}

/// Checks the same where one index is `rows`, a number for each row:
/// gather (C3), scatter (C3).
static LogicalResult verifyRows(Operation *op, Value view, Value tile,
                                Value rows, bool hasColumn) {
  if (failed(verifyAccess(op, view, tile, 1 + hasColumn)))
    return failure();
  int64_t wanted = cast<RankedTensorType>(tile.getType()).getDimSize(0);
  int64_t found = cast<RankedTensorType>(rows.getType()).getDimSize(0);
  if (wanted != found)
    return op->emitOpError("expects ")
           << wanted << " row numbers, got " << found;
  return success();
}

LogicalResult LoadOp::verify() {
  return verifyAccess(*this, getView(), getResult(), getIndices().size());
}

LogicalResult StoreOp::verify() {
  return verifyAccess(*this, getView(), getValue(), getIndices().size());
}

LogicalResult GatherOp::verify() {
  return verifyRows(*this, getView(), getResult(), getRows(),
                    getColumn() != nullptr);
}

LogicalResult ScatterOp::verify() {
  return verifyRows(*this, getView(), getValue(), getRows(),
                    getColumn() != nullptr);
}

//===----------------------------------------------------------------------===//
// Products, reductions, broadcasts
//===----------------------------------------------------------------------===//

LogicalResult MmaOp::verify() {
  auto a = cast<RankedTensorType>(getA().getType());
  auto b = cast<RankedTensorType>(getB().getType());
  auto acc = cast<RankedTensorType>(getAcc().getType());
  if (!acc.getElementType().isF32()) // (C1)
    return emitOpError("expects an accumulator of f32, got ")
           << acc.getElementType();
  int64_t m = a.getDimSize(getTransposeA()), k = a.getDimSize(!getTransposeA());
  int64_t n = b.getDimSize(!getTransposeB()), l = b.getDimSize(getTransposeB());
  if (k != l) // (C2)
    return emitOpError("expects one inner dimension, got ")
           << k << " in a and " << l << " in b";
  if (acc.getDimSize(0) != m || acc.getDimSize(1) != n)
    return emitOpError("expects an accumulator of ")
           << m << "x" << n << ", got " << acc.getDimSize(0) << "x"
           << acc.getDimSize(1);
  if (a.getElementType() != b.getElementType()) // (C3)
    return emitOpError("expects one element type, got ")
           << a.getElementType() << " in a and " << b.getElementType()
           << " in b";
  return success();
}

LogicalResult ReduceOp::verify() {
  auto source = cast<RankedTensorType>(getSource().getType());
  if (static_cast<int64_t>(getDimension()) >= source.getRank()) // (C1)
    return emitOpError("expects a dimension of the source, got ")
           << getDimension() << " in rank " << source.getRank();
  Type element = source.getElementType(); // (C2)
  Type wanted = element;
  if (source.getRank() == 2)
    wanted =
        RankedTensorType::get({source.getDimSize(1 - getDimension())}, element);
  if (!element.isF32() && !element.isInteger(32))
    return emitOpError("expects elements of f32 or i32, got ") << element;
  if (getType() != wanted)
    return emitOpError("expects the result type ")
           << wanted << ", got " << getType();
  return success();
}

/// Whether all elements of a tile are one number that the IR names.
static bool isRepeated(Value tile) {
  SplatElementsAttr elements;
  return tile.getDefiningOp<tensor::SplatOp>() ||
         matchPattern(tile, m_Constant(&elements));
}

/// Whether the IR tells the extremes of a 1-D tile of i32.
static bool hasKnownExtremes(Value tile) {
  Operation *op = tile.getDefiningOp();
  if (isa_and_nonnull<arith::AddIOp, arith::SubIOp>(op))
    return isRepeated(op->getOperand(1)) && hasKnownExtremes(op->getOperand(0));
  return isa_and_nonnull<IotaOp>(op) || isRepeated(tile);
}

/// Makes the least or greatest element of a tile with known extremes.
static Value makeExtreme(Value tile, ReduceKind kind, ImplicitLocOpBuilder &b) {
  SplatElementsAttr elements;
  if (matchPattern(tile, m_Constant(&elements)))
    return arith::ConstantOp::create(b, elements.getSplatValue<TypedAttr>());
  if (auto splat = tile.getDefiningOp<tensor::SplatOp>())
    return splat.getInput();
  if (auto iota = tile.getDefiningOp<IotaOp>()) {
    Value number = iota.getStart();
    int64_t count = cast<RankedTensorType>(tile.getType()).getDimSize(0);
    if (kind == ReduceKind::Max)
      number = arith::AddIOp::create(
          b, number, arith::ConstantIndexOp::create(b, count - 1));
    return arith::IndexCastOp::create(b, b.getI32Type(), number);
  }
  Operation *op = tile.getDefiningOp();
  Value from = makeExtreme(op->getOperand(0), kind, b);
  Value by = makeExtreme(op->getOperand(1), kind, b);
  if (isa<arith::AddIOp>(op))
    return arith::AddIOp::create(b, from, by);
  return arith::SubIOp::create(b, from, by);
}

LogicalResult ReduceOp::canonicalize(ReduceOp op, PatternRewriter &rewriter) {
  if (!op.getType().isInteger(32) || op.getKind() == ReduceKind::Add ||
      !hasKnownExtremes(op.getSource()))
    return failure();
  ImplicitLocOpBuilder b(op.getLoc(), rewriter);
  rewriter.replaceOp(op, makeExtreme(op.getSource(), op.getKind(), b));
  return success();
}

LogicalResult BroadcastOp::verify() {
  auto source = cast<RankedTensorType>(getSource().getType());
  auto result = cast<RankedTensorType>(getType());
  if (source.getRank() != 1 || result.getRank() != 2 ||
      getDimension() > 1) // (C1)
    return emitOpError("expects a 1-D source, a 2-D result and dimension 0 or "
                       "1, got ranks ")
           << source.getRank() << " and " << result.getRank()
           << " and dimension " << getDimension();
  int64_t wanted = result.getDimSize(1 - getDimension());
  if (source.getDimSize(0) != wanted)
    return emitOpError("expects a source of ")
           << wanted << " elements, got " << source.getDimSize(0);
  if (source.getElementType() != result.getElementType()) // (C2)
    return emitOpError("expects one element type, got ")
           << source.getElementType() << " and " << result.getElementType();
  return success();
}

#define GET_OP_CLASSES
#include "dialects/tile/TileOps.cpp.inc"
