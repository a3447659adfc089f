//===- CheckKernel.cpp - What the CPU lowering knows ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Refuses before anything is emitted, so that the emitter need not fail.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/ExpandMath.h"
#include "passes/lower/cpu/KernelEmitter.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace heed::cpu {

/// Whether the back end has instructions for this op of `math` and never a
/// call.
static bool isNativeMath(Operation *op) {
  return isa<math::AbsFOp, math::FmaOp, math::SqrtOp, math::FloorOp,
             math::CeilOp, math::RoundEvenOp, math::TruncOp, math::CopySignOp>(
      op);
}

/// Whether a tile or scalar of this type can be held.
static bool isKnownType(Type type) {
  if (auto tile = dyn_cast<RankedTensorType>(type)) {
    type = tile.getElementType();
    if (!tile.hasStaticShape() || tile.getRank() < 1 || tile.getRank() > 2 ||
        type.isIndex())
      return false;
  }
  return type.isF32() || type.isBF16() || type.isIndex() || type.isInteger(1) ||
         type.isInteger(32) || type.isInteger(64) || isa<MemRefType>(type);
}

/// Returns why `op` cannot be lowered, or nothing.
static StringRef refusalOf(Operation *op) {
  auto isUnknown = [](Type type) { return !isKnownType(type); };
  if (llvm::any_of(op->getOperandTypes(), isUnknown) ||
      llvm::any_of(op->getResultTypes(), isUnknown))
    return "has a type that the CPU lowering does not hold";
  if (auto constant = dyn_cast<arith::ConstantOp>(op)) {
    bool isTile = isa<RankedTensorType>(constant.getType());
    if (isTile && !isa<SplatElementsAttr>(constant.getValue()))
      return "is a constant tile of differing elements; load it from memory";
    return constant.getType().isBF16() ? "is a scalar of bf16" : "";
  }
  if (isa<math::MathDialect>(op->getDialect()))
    return canExpandMath(op->getName().getStringRef()) || isNativeMath(op)
               ? ""
               : "is a function that the CPU lowering does not expand";
  Value view;
  if (auto load = dyn_cast<tile::LoadOp>(op))
    view = load.getView();
  if (auto store = dyn_cast<tile::StoreOp>(op))
    view = store.getView();
  if (auto gather = dyn_cast<tile::GatherOp>(op))
    view = gather.getView();
  if (auto scatter = dyn_cast<tile::ScatterOp>(op))
    view = scatter.getView();
  if (view && !view.getDefiningOp<tile::ViewOp>())
    return "expects a view made by tile.view";
  bool isKnown =
      isa<tile::TileDialect, arith::ArithDialect>(op->getDialect()) ||
      isa<tensor::SplatOp, memref::LoadOp, memref::StoreOp, scf::ForOp,
          scf::IfOp, scf::YieldOp>(op);
  return isKnown ? "" : "has no lowering for the CPU";
}

LogicalResult checkKernel(tile::KernelOp kernel) {
  WalkResult walk = kernel.getBody().walk([](Operation *op) {
    StringRef reason = refusalOf(op);
    if (reason.empty())
      return WalkResult::advance();
    std::string text;
    llvm::raw_string_ostream stream(text);
    op->print(stream, OpPrintingFlags().useLocalScope().assumeVerified());
    op->emitError() << reason << ": " << text;
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

} // namespace heed::cpu
