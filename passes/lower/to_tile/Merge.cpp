//===- Merge.cpp - Attention over a union of key sets ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/RowFrame.h"
#include "passes/lower/to_tile/Writers.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

#include <limits>

using namespace mlir;

namespace heed {

/// Below every log-sum-exp of keys; differences of two stay numbers.
static constexpr float veryLow = -1.0e30f;

namespace {
class MergeWriter {
public:
  MergeWriter(func::FuncOp group, attn::MergeOp op)
      : op_(op),
        results_(group.getBody().front().getTerminator()->getOperands()),
        frame_(group, op, op.getOutputs().front()), k_(frame_.writer()),
        b_(k_.builder()) {}

  void write() {
    weigh();
    for (auto [number, value] : llvm::enumerate(results_)) {
      if (value == op_.getLse()) {
        frame_.storeLine(lse_, number);
        continue;
      }
      for (Piece piece : frame_.getPieces())
        frame_.store(mix(piece), piece, number);
    }
    frame_.finish();
  }

private:
  Value splat(float value) { return k_.splat(value, {frame_.getRows()}); }

  /// Computes the share of each output, per row, and the joint log-sum-exp.
  void weigh() {
    SmallVector<Value> lses;
    Value max = splat(veryLow);
    for (Value lse : op_.getLses()) {
      lses.push_back(frame_.loadLine(lse));
      max = arith::MaximumFOp::create(b_, max, lses.back());
    }
    Value sum = splat(0.0f);
    for (Value lse : lses) {
      Value weight = math::ExpOp::create(
          b_, arith::SubFOp::create(b_, lse, max).getResult());
      shares_.push_back(weight);
      sum = arith::AddFOp::create(b_, sum, weight);
    }
    Value seen = arith::CmpFOp::create(b_, arith::CmpFPredicate::OGT, max,
                                       splat(veryLow));
    sum = arith::SelectOp::create(b_, seen, sum, splat(1.0f));
    for (Value &share : shares_)
      share = arith::DivFOp::create(b_, share, sum);
    Value lse = arith::AddFOp::create(b_, max,
                                      math::LogOp::create(b_, sum).getResult());
    lse_ = arith::SelectOp::create(
        b_, seen, lse, splat(-std::numeric_limits<float>::infinity()));
  }

  /// Outputs of a row that saw no key are zeros, so their mix is.
  Value mix(Piece piece) {
    Value sum;
    for (auto [output, share] : llvm::zip(op_.getOutputs(), shares_)) {
      Value part = arith::MulFOp::create(b_, frame_.load(output, piece),
                                         k_.perRow(share, piece.width));
      sum = sum ? arith::AddFOp::create(b_, sum, part).getResult() : part;
    }
    return sum;
  }

  attn::MergeOp op_;
  OperandRange results_;
  RowFrame frame_;
  KernelWriter &k_;
  ImplicitLocOpBuilder &b_;
  SmallVector<Value> shares_;
  Value lse_;
};
} // namespace

LogicalResult writeMerge(func::FuncOp group) {
  auto op = findRoot<attn::MergeOp>(group);
  if (group.getBody().front().getTerminator()->getOperand(0) == op.getLse())
    return op.emitOpError("has no kernel, found no use of its output, wanted "
                          "one beside that of its log-sum-exp");
  MergeWriter(group, op).write();
  return success();
}

} // namespace heed
