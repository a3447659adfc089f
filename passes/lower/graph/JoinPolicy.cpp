//===- JoinPolicy.cpp - What belongs to one kernel ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/graph/JoinPolicy.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/IR/BuiltinTypes.h"
#include "llvm/ADT/SmallPtrSet.h"
#include "llvm/ADT/TypeSwitch.h"

using namespace mlir;

namespace heed {

/// More ops than any activation has; keeps growth linear.
static constexpr size_t maxGroupSize = 64;

StringRef getRootKind(Operation *op) {
  return llvm::TypeSwitch<Operation *, StringRef>(op)
      .Case([](attn::EmbedOp) { return "embed"; })
      .Case([](attn::GatherTokensOp) { return "gather_tokens"; })
      .Case([](attn::LinearOp) { return "linear"; })
      .Case([](attn::NormOp) { return "norm"; })
      .Case([](attn::RotaryOp) { return "rotary"; })
      .Case([](attn::AttentionOp) { return "attention"; })
      .Case([](attn::AttentionPartialOp) { return "attention_partial"; })
      .Case([](attn::MergeOp) { return "merge"; })
      .Default([](Operation *) { return ""; });
}

bool isElementwise(Operation *op) {
  return op->hasTrait<OpTrait::Elementwise>() && op->getNumResults() == 1 &&
         isa<RankedTensorType>(op->getResult(0).getType());
}

bool isHeadView(Operation *op) {
  return isa<attn::SplitHeadsOp, attn::MergeHeadsOp>(op);
}

bool isCopiedIntoGroups(Operation *op) {
  return isa<arith::ConstantOp, tensor::SplatOp, tensor::DimOp,
             attn::CacheReadOp>(op);
}

SmallVector<Value> getLeavingValues(ArrayRef<Operation *> ops) {
  llvm::SmallPtrSet<Operation *, 16> inside(ops.begin(), ops.end());
  SmallVector<Value> leaving;
  for (Operation *op : ops)
    for (Value result : op->getResults())
      // Sizes are copied, and stay what they are.
      if (llvm::any_of(result.getUsers(), [&](Operation *user) {
            return !inside.contains(user) && !isa<tensor::DimOp>(user);
          }))
        leaving.push_back(result);
  return leaving;
}

/// Returns the first op behind `ops` that uses one of their values.
static Operation *getFirstUser(ArrayRef<Operation *> ops) {
  Operation *first = nullptr;
  for (Value value : getLeavingValues(ops))
    for (Operation *user : value.getUsers()) {
      if (llvm::is_contained(ops, user) || isa<tensor::DimOp>(user))
        continue;
      if (!first || user->isBeforeInBlock(first))
        first = user;
    }
  return first;
}

static bool haveShape(TypeRange types, ArrayRef<int64_t> shape) {
  return llvm::all_of(types, [&](Type type) {
    auto tensor = dyn_cast<RankedTensorType>(type);
    return !tensor || tensor.getShape() == shape;
  });
}

/// Returns whether `op` may join a group of values of `shape`.
static bool mayJoin(Operation *op, ArrayRef<int64_t> shape) {
  if (isHeadView(op))
    return true;
  return isElementwise(op) && haveShape(op->getOperandTypes(), shape) &&
         haveShape(op->getResultTypes(), shape);
}

bool isPlainProduct(attn::LinearOp op) {
  auto input = cast<RankedTensorType>(op.getInput().getType());
  auto weight = cast<RankedTensorType>(op.getWeight().getType());
  auto isBf16 = [](Value value) {
    return getElementTypeOrSelf(value.getType()).isBF16();
  };
  bool isResultBf16 = isBf16(op.getResult());
  bool isResultF32 = getElementTypeOrSelf(op.getType()).isF32();
  bool fitsBias = !op.getBias() || (isBf16(op.getBias()) && isResultBf16);
  return input.getRank() == 3 && isBf16(op.getInput()) &&
         isBf16(op.getWeight()) && (isResultBf16 || isResultF32) && fitsBias &&
         llvm::all_of(weight.getShape(), [](int64_t size) {
           return size > 0 && size % productUnit == 0;
         });
}

/// Returns whether `next` may follow `product`, the only op of a group so far.
static bool keepsProduct(Operation *product, Operation *next) {
  if (!isa<arith::AddFOp>(next))
    return isa<attn::SplitHeadsOp>(next);
  // The other operand lies in memory.
  return llvm::count_if(next->getOperands(), [&](Value operand) {
           Operation *source = operand.getDefiningOp();
           return source != product && !(source && isCopiedIntoGroups(source));
         }) == 1;
}

/// Adds to `ops` what widens operands for `next` alone.
static void takeConversions(Operation *next,
                            llvm::function_ref<bool(Operation *)> isTaken,
                            SmallVectorImpl<Operation *> &ops) {
  for (Value operand : next->getOperands()) {
    auto widening = operand.getDefiningOp<arith::ExtFOp>();
    if (widening && widening->hasOneUse() && !isTaken(widening) &&
        !llvm::is_contained(ops, widening))
      ops.push_back(widening);
  }
}

SmallVector<Operation *>
growGroup(Operation *root, llvm::function_ref<bool(Operation *)> isTaken,
          bool keepsProducts) {
  SmallVector<Operation *> ops = {root};
  auto product = dyn_cast<attn::LinearOp>(root);
  bool isProduct = keepsProducts && product && isPlainProduct(product);
  if (isHeadView(root))
    return ops;
  auto shape = cast<RankedTensorType>(root->getResult(0).getType()).getShape();
  size_t complete = 1;
  while (ops.size() < maxGroupSize) {
    Operation *next = getFirstUser(ops);
    if (!next || isTaken(next) || !mayJoin(next, shape))
      break;
    // A view ends the group, so it must be all that is left to join.
    if (isHeadView(next) && getLeavingValues(ops).size() != 1)
      break;
    if (isProduct && !(ops.size() == 1 && keepsProduct(root, next)))
      break;
    takeConversions(next, isTaken, ops);
    ops.push_back(next);
    if (getLeavingValues(ops).size() == 1)
      complete = ops.size();
    if (isHeadView(next))
      break;
  }
  ops.truncate(complete);
  return ops;
}

} // namespace heed
