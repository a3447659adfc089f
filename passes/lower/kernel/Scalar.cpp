//===- Scalar.cpp - Scalars of a kernel -----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/Scalar.h"

#include "passes/lower/kernel/ExpandMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace heed {

void buildScalar(ImplicitLocOpBuilder &b, Operation *op, IRMapping &scalars,
                 llvm::function_ref<Value(Value)> round) {
  StringRef name = op->getName().getStringRef();
  Value result = op->getResult(0);
  if (isa<arith::ExtFOp>(op))
    return scalars.map(result, scalars.lookup(op->getOperand(0)));
  if (isa<arith::TruncFOp>(op))
    return scalars.map(result, round(scalars.lookup(op->getOperand(0))));
  if (canExpandMath(name))
    return scalars.map(result,
                       expandMath(b, name, scalars.lookup(op->getOperand(0))));
  b.clone(*op, scalars);
}

} // namespace heed
