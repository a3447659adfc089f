//===- CheckKernel.cpp - What the lowerings of kernels know ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Refuses before anything is emitted, so that emitters need not fail.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/CheckKernel.h"

#include "passes/lower/kernel/ExpandMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace heed {

/// A larger tile is a mistake; its bytes would not even count in 64 bits.
static constexpr int64_t kMostElements = int64_t(1) << 24;

/// Whether the back end has instructions for this op of `math` and never a
/// call.
static bool isNativeMath(Operation *op) {
  return isa<math::AbsFOp, math::FmaOp, math::SqrtOp, math::FloorOp,
             math::CeilOp, math::RoundEvenOp, math::TruncOp, math::CopySignOp>(
      op);
}

/// Whether the back end would call a library for this op of `arith`, or has no
/// code for it.
static bool lacksCode(Operation *op) {
  return isa<arith::RemFOp, arith::CeilDivSIOp, arith::CeilDivUIOp,
             arith::FloorDivSIOp, arith::ScalingExtFOp, arith::ScalingTruncFOp>(
      op);
}

static bool isNarrowScalar(Type type) { return type.isBF16(); }
static bool isMemory(Type type) { return isa<MemRefType>(type); }

/// Returns why a value of this type cannot be held, or nothing.
static StringRef refusalOf(Type type) {
  constexpr StringRef unknown = "has a type that kernels do not hold";
  auto tile = dyn_cast<RankedTensorType>(type);
  if (!tile) {
    bool isKnown = type.isF32() || type.isBF16() || type.isIndex() ||
                   type.isInteger(1) || type.isInteger(32) ||
                   type.isInteger(64) || isMemory(type);
    return isKnown ? "" : unknown;
  }
  if (!tile::isTile(tile))
    return unknown;
  int64_t left = kMostElements;
  for (int64_t size : tile.getShape()) {
    if (size == 0)
      return "has an empty tile";
    left /= size;
  }
  return left == 0 ? "has a tile of more than 16777216 elements" : "";
}

/// Returns why the values of `op` cannot be held, or nothing.
static StringRef refusalOfTypes(Operation *op) {
  SmallVector<Type> types(op->getOperandTypes());
  llvm::append_range(types, op->getResultTypes());
  for (Type type : types)
    if (StringRef reason = refusalOf(type); !reason.empty())
      return reason;
  if (llvm::any_of(types, isNarrowScalar) &&
      !isa<memref::LoadOp, memref::StoreOp, arith::ExtFOp, arith::TruncFOp,
           tensor::SplatOp>(op))
    return "computes with a scalar of bf16; widen it to f32";
  if (llvm::any_of(op->getResultTypes(), isMemory) && !isa<tile::ViewOp>(op))
    return "gives memory; only tile.view may";
  return "";
}

/// Returns the view that `op` moves a tile from or to, or null.
static Value viewOf(Operation *op) {
  return llvm::TypeSwitch<Operation *, Value>(op)
      .Case<tile::LoadOp, tile::StoreOp, tile::GatherOp, tile::ScatterOp>(
          [](auto access) { return access.getView(); })
      .Default(Value());
}

/// Returns why an op of `arith` cannot be lowered, or nothing.
static StringRef refusalOfArith(Operation *op) {
  if (auto constant = dyn_cast<arith::ConstantOp>(op))
    return isa<RankedTensorType>(constant.getType()) &&
                   !isa<SplatElementsAttr>(constant.getValue())
               ? "is a constant tile of differing elements; load it from memory"
               : "";
  if (lacksCode(op))
    return "has no lowering to machine code";
  if (op->getNumResults() > 1 &&
      isa<RankedTensorType>(op->getResult(0).getType()))
    return "gives two tiles";
  auto rounding = arith::RoundingMode::to_nearest_even;
  if (auto narrowing = dyn_cast<arith::TruncFOp>(op))
    if (narrowing.getRoundingmode().value_or(rounding) != rounding)
      return "rounds other than to nearest even";
  return "";
}

/// Returns why `op` cannot be lowered, or nothing.
static StringRef refusalOf(Operation *op) {
  if (StringRef reason = refusalOfTypes(op); !reason.empty())
    return reason;
  if (isa<arith::ArithDialect>(op->getDialect()))
    return refusalOfArith(op);
  if (isa<math::MathDialect>(op->getDialect()))
    return canExpandMath(op->getName().getStringRef()) || isNativeMath(op)
               ? ""
               : "is a function that kernels do not expand";
  Value view = viewOf(op);
  if (view && !view.getDefiningOp<tile::ViewOp>())
    return "expects a view made by tile.view";
  auto loop = dyn_cast<scf::ForOp>(op);
  if (loop && loop.getUnsignedCmp())
    return "counts without sign";
  bool isKnown = isa<tile::TileDialect>(op->getDialect()) ||
                 isa<tensor::SplatOp, memref::LoadOp, memref::StoreOp,
                     scf::ForOp, scf::IfOp, scf::YieldOp>(op);
  return isKnown ? "" : "has no lowering to machine code";
}

/// Prints `op` on one line: what it holds is left out.
static std::string oneLine(Operation *op) {
  OpPrintingFlags flags;
  flags.useLocalScope().assumeVerified();
  if (op->getNumRegions() > 0)
    flags.printGenericOpForm().skipRegions();
  std::string text;
  llvm::raw_string_ostream stream(text);
  op->print(stream, flags);
  return text;
}

LogicalResult checkKernel(tile::KernelOp kernel) {
  StringRef name = kernel.getSymName();
  if (name.empty() || name.starts_with("llvm."))
    return kernel.emitError(
               "expects a name that does not begin with llvm., got ")
           << (name.empty() ? "none" : name);
  WalkResult walk = kernel.getBody().walk([](Operation *op) {
    StringRef reason = refusalOf(op);
    if (reason.empty())
      return WalkResult::advance();
    op->emitError() << reason << ": " << oneLine(op);
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

} // namespace heed
