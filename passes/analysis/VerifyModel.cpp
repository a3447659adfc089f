//===- VerifyModel.cpp - A model uses known ops only ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "passes/analysis/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_VERIFYMODELPASS
#include "passes/analysis/Passes.h.inc"

namespace {

struct VerifyModel : impl::VerifyModelPassBase<VerifyModel> {
  void runOnOperation() override;
};

} // namespace

/// Says whether an op may stand in a score region.
static bool isScalarArithmetic(Operation *op) {
  auto isScalar = [](Type type) { return !isa<ShapedType>(type); };
  if (isa<attn::YieldOp>(op))
    return true;
  return isa<arith::ArithDialect, math::MathDialect>(op->getDialect()) &&
         llvm::all_of(op->getOperandTypes(), isScalar) &&
         llvm::all_of(op->getResultTypes(), isScalar);
}

static LogicalResult verifyOp(Operation *op) {
  if (isa<ModuleOp, func::FuncOp, attn::FileOp, attn::WeightOp>(op))
    return success();
  if (!isEvaluable(op))
    return op->emitOpError("is not among the ops that a model may use");
  if (isa_and_nonnull<attn::AttentionOp, attn::AttentionPartialOp>(
          op->getParentOp()) &&
      !isScalarArithmetic(op))
    return op->emitOpError(
        "is not among the ops that a score region may use: scalar arith and "
        "math");
  return success();
}

void VerifyModel::runOnOperation() {
  markAllAnalysesPreserved();
  bool valid = true;
  getOperation()->walk(
      [&](Operation *op) { valid &= succeeded(verifyOp(op)); });
  if (!valid)
    signalPassFailure();
}

} // namespace heed
