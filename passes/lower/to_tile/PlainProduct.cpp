//===- PlainProduct.cpp - Groups that a library computes ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/to_tile/PlainProduct.h"

#include "passes/lower/graph/JoinPolicy.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace heed {

/// Returns the number of the argument that `value` is.
static std::optional<unsigned> getNumber(Value value) {
  if (auto argument = dyn_cast_or_null<BlockArgument>(value))
    return argument.getArgNumber();
  return std::nullopt;
}

/// Returns the only user of `value`, or null.
static Operation *getOnlyUser(Value value) {
  return value.hasOneUse() ? *value.user_begin() : nullptr;
}

/// Returns whether heads of the result are as wide as a library wants, and
/// lie where it can put them: it knows no bias for each head.
static bool canSplitHeads(attn::SplitHeadsOp op, const LaunchProduct &product) {
  int64_t width = cast<RankedTensorType>(op.getType()).getShape().back();
  return width % productUnit == 0 && !product.bias && !product.residual;
}

std::optional<LaunchProduct> findProduct(func::FuncOp group,
                                         attn::LinearOp op) {
  std::optional<unsigned> input = getNumber(op.getInput());
  std::optional<unsigned> weight = getNumber(op.getWeight());
  if (!isPlainProduct(op) || !input || !weight)
    return std::nullopt;
  LaunchProduct product{*input, *weight, getNumber(op.getBias()), std::nullopt};
  Value value = op.getResult();
  Operation *user = getOnlyUser(value);
  if (auto add = dyn_cast_or_null<arith::AddFOp>(user)) {
    Value other = add.getLhs() == value ? add.getRhs() : add.getLhs();
    product.residual = getNumber(other);
    if (!product.residual)
      return std::nullopt;
    value = add.getResult();
    user = getOnlyUser(value);
  } else if (auto split = dyn_cast_or_null<attn::SplitHeadsOp>(user)) {
    if (!canSplitHeads(split, product))
      return std::nullopt;
    value = split.getResult();
    user = getOnlyUser(value);
  }
  if (!isa_and_nonnull<func::ReturnOp>(user) ||
      group.getFunctionType().getNumResults() != 1)
    return std::nullopt;
  return product;
}

} // namespace heed
