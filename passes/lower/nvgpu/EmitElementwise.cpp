//===- EmitElementwise.cpp - Ops that work element by element -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/KernelEmitter.h"

#include "passes/lower/kernel/ExpandMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"

using namespace mlir;

namespace heed::nvgpu {

Value KernelEmitter::roundToNarrow(Value x) {
  Value narrow = arith::TruncFOp::create(b, b.getBF16Type(), x);
  return arith::ExtFOp::create(b, b.getF32Type(), narrow);
}

void KernelEmitter::emitElementwise(Operation *op) {
  Value result = op->getResult(0);
  Layout layout = layouts.of(result);
  int64_t count =
      distribution.registers(cast<RankedTensorType>(result.getType()), layout);
  SmallVector<Registers> operands;
  for (Value operand : op->getOperands())
    operands.push_back(isa<RankedTensorType>(operand.getType())
                           ? registersOf(operand, layout)
                           : Registers(count, scalars.lookup(operand)));
  Registers results;
  for (int64_t i = 0; i < count; ++i) {
    SmallVector<Value> elements;
    for (const Registers &operand : operands)
      elements.push_back(operand[i]);
    results.push_back(emitElementwise(op, elements));
  }
  define(result, layout, std::move(results));
  if (layout == Layout::Matrix)
    placeOperand(result);
}

Value KernelEmitter::emitElementwise(Operation *op, ValueRange operands) {
  StringRef name = op->getName().getStringRef();
  Type element = getElementTypeOrSelf(op->getResult(0).getType());
  Value made;
  if (isa<arith::TruncFOp>(op)) {
    made = operands[0];
  } else if (isa<math::Exp2Op>(op) && isApproximate) {
    made = b.powerOfTwo(operands[0]);
  } else if (canExpandMath(name)) {
    made = expandMath(b, name, operands[0]);
  } else {
    OperationState state(op->getLoc(), name, operands, heldType(element),
                         op->getAttrs());
    made = b.create(state)->getResult(0);
  }
  return element.isBF16() ? roundToNarrow(made) : made;
}

} // namespace heed::nvgpu
