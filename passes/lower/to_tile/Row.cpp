//===- Row.cpp - Norm and elementwise groups ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/RowFrame.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace heed {

namespace {
/// Writes the body of a norm.
class NormWriter {
public:
  NormWriter(func::FuncOp group, attn::NormOp op)
      : op_(op), frame_(group, op, op.getInput()), k_(frame_.writer()),
        b_(k_.builder()), pieces_(frame_.getPieces()) {}

  void write() {
    bool centred = op_.getKind() == attn::NormKind::Layer;
    if (centred)
      mean_ = average([&](Piece piece) { return load(piece); });
    Value square = average([&](Piece piece) -> Value {
      Value x = centre(piece);
      return arith::MulFOp::create(b_, x, x);
    });
    float epsilon = op_.getEpsilon().convertToFloat();
    Value sum = arith::AddFOp::create(b_, square,
                                      k_.splat(epsilon, {frame_.getRows()}));
    Value scale = math::RsqrtOp::create(b_, sum);
    for (Piece piece : pieces_)
      frame_.store(normalise(piece, scale), piece);
    frame_.finish();
  }

private:
  Value load(Piece piece) { return frame_.load(op_.getInput(), piece); }

  Value centre(Piece piece) {
    Value x = load(piece);
    if (!mean_)
      return x;
    return arith::SubFOp::create(b_, x, k_.perRow(mean_, piece.width));
  }

  /// Returns per row the average of `get` over all columns.
  Value average(llvm::function_ref<Value(Piece)> get) {
    Value sum;
    for (Piece piece : pieces_) {
      Value part = k_.reduce(tile::ReduceKind::Add, get(piece), 1);
      sum = sum ? arith::AddFOp::create(b_, sum, part).getResult() : part;
    }
    float share = 1.0f / float(frame_.getWidth());
    return arith::MulFOp::create(b_, sum, k_.splat(share, {frame_.getRows()}));
  }

  Value normalise(Piece piece, Value scale) {
    Value x =
        arith::MulFOp::create(b_, centre(piece), k_.perRow(scale, piece.width));
    x = arith::MulFOp::create(b_, x,
                              frame_.loadColumns(op_.getWeight(), piece));
    if (op_.getBias())
      x = arith::AddFOp::create(b_, x,
                                frame_.loadColumns(op_.getBias(), piece));
    return x;
  }

  attn::NormOp op_;
  RowFrame frame_;
  KernelWriter &k_;
  ImplicitLocOpBuilder &b_;
  SmallVector<Piece> pieces_;
  Value mean_;
};
} // namespace

LogicalResult writeNorm(func::FuncOp group) {
  auto op = findRoot<attn::NormOp>(group);
  if (cast<RankedTensorType>(op.getType()).getRank() < 3)
    return op.emitOpError("has no kernel, found ")
           << op.getType() << ", wanted B x N x C or B x H x N x D";
  NormWriter(group, op).write();
  return success();
}

LogicalResult writeElementwise(func::FuncOp group) {
  Value sized;
  for (BlockArgument argument : group.getArguments()) {
    auto type = dyn_cast<RankedTensorType>(argument.getType());
    if (type && (type.getRank() == 3 || type.getRank() == 4) &&
        type.isDynamicDim(0) && type.isDynamicDim(type.getRank() - 2))
      sized = argument;
  }
  if (!sized)
    return group.emitError("elementwise ops have no kernel, found no operand "
                           "of B x N x C or B x H x N x D");
  RowFrame frame(group, nullptr, sized);
  for (Piece piece : frame.getPieces())
    frame.store(Value(), piece);
  frame.finish();
  return success();
}

} // namespace heed
