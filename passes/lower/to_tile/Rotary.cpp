//===- Rotary.cpp - Rotary position embedding -----------------------------===//
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
class RotaryWriter {
public:
  RotaryWriter(func::FuncOp group, attn::RotaryOp op)
      : op_(op), frame_(group, op, op.getInput()), k_(frame_.writer()),
        b_(k_.builder()) {}

  void write() {
    int64_t half =
        cast<RankedTensorType>(op_.getInvFreq().getType()).getDimSize(0);
    positions_ = frame_.loadRows(op_.getPositions());
    valid_ = arith::CmpIOp::create(b_, arith::CmpIPredicate::sge, positions_,
                                   k_.splat(int32_t(0), {frame_.getRows()}));
    rotate({0, half}, {half, half});
    for (Piece rest : cutColumns(frame_.getWidth() - 2 * half, 1, half)) {
      rest.first += 2 * half;
      store(frame_.load(op_.getInput(), rest), rest);
    }
    frame_.finish();
  }

private:
  void rotate(Piece low, Piece high) {
    Value frequency = frame_.loadColumns(op_.getInvFreq(), low);
    auto rows = RankedTensorType::get({frame_.getRows()}, b_.getF32Type());
    Value position = arith::SIToFPOp::create(b_, rows, positions_);
    Value angle = multiply(k_.perRow(position, low.width), frequency);
    Value amplitude = k_.splat(op_.getAmplitude().convertToFloat(),
                               {frame_.getRows(), low.width});
    Value cosine = multiply(math::CosOp::create(b_, angle), amplitude);
    Value sine = multiply(math::SinOp::create(b_, angle), amplitude);
    Value x = frame_.load(op_.getInput(), low);
    Value y = frame_.load(op_.getInput(), high);
    store(arith::SubFOp::create(b_, multiply(x, cosine), multiply(y, sine)),
          low);
    store(arith::AddFOp::create(b_, multiply(y, cosine), multiply(x, sine)),
          high);
  }

  /// Stores a piece, with zeros in the rows of padding.
  void store(Value tile, Piece piece) {
    Value zero = k_.splat(0.0f, {frame_.getRows(), piece.width});
    Value valid = k_.perRow(valid_, piece.width);
    frame_.store(arith::SelectOp::create(b_, valid, tile, zero), piece);
  }

  Value multiply(Value x, Value y) { return arith::MulFOp::create(b_, x, y); }

  attn::RotaryOp op_;
  RowFrame frame_;
  KernelWriter &k_;
  ImplicitLocOpBuilder &b_;
  Value positions_, valid_;
};
} // namespace

LogicalResult writeRotary(func::FuncOp group) {
  RotaryWriter(group, findRoot<attn::RotaryOp>(group)).write();
  return success();
}

} // namespace heed
