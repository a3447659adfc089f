//===- ExpandBlocks.cpp - Blocks become projections -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/Passes.h"

#include "dialects/attn/Attn.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_EXPANDBLOCKSPASS
#include "passes/lower/Passes.h.inc"

namespace {

/// Builds arith and math on f32 tensors of one shape.
class TensorMath {
public:
  TensorMath(OpBuilder &builder, Location loc, Value like)
      : builder_(builder), loc_(loc), like_(like),
        type_(cast<RankedTensorType>(like.getType())
                  .clone(builder.getF32Type())) {}

  Value widen(Value value) {
    if (value.getType() == type_)
      return value;
    return arith::ExtFOp::create(builder_, loc_, type_, value);
  }
  Value narrow(Value value, Type type) {
    if (value.getType() == type)
      return value;
    return arith::TruncFOp::create(builder_, loc_, type, value);
  }
  Value splat(float number) {
    Value scalar = arith::ConstantOp::create(builder_, loc_,
                                             builder_.getF32FloatAttr(number));
    SmallVector<Value> sizes;
    for (int64_t i = 0; i != type_.getRank(); ++i)
      if (type_.isDynamicDim(i))
        sizes.push_back(tensor::DimOp::create(builder_, loc_, like_, i));
    return tensor::SplatOp::create(builder_, loc_, scalar, type_, sizes);
  }
  Value add(Value a, Value b) { return make<arith::AddFOp>(a, b); }
  Value multiply(Value a, Value b) { return make<arith::MulFOp>(a, b); }
  Value divide(Value a, Value b) { return make<arith::DivFOp>(a, b); }
  Value maximum(Value a, Value b) { return make<arith::MaximumFOp>(a, b); }
  Value negate(Value a) { return make<arith::NegFOp>(a); }
  Value exp(Value a) { return make<math::ExpOp>(a); }
  Value subtract(Value a, Value b) { return make<arith::SubFOp>(a, b); }
  Value abs(Value a) { return make<math::AbsFOp>(a); }
  Value copySign(Value a, Value b) { return make<math::CopySignOp>(a, b); }
  Value tanh(Value a) { return make<math::TanhOp>(a); }

private:
  template <typename Op, typename... Values> Value make(Values... values) {
    return Op::create(builder_, loc_, values...);
  }

  OpBuilder &builder_;
  Location loc_;
  Value like_;
  RankedTensorType type_;
};

/// Returns erf(x) within 1.5e-7: formula 7.1.26 of Abramowitz and Stegun.
Value erf(TensorMath &math, Value x) {
  Value size = math.abs(x);
  Value scaled = math.multiply(size, math.splat(0.3275911f));
  Value t = math.divide(math.splat(1), math.add(math.splat(1), scaled));
  Value sum = math.splat(1.061405429f);
  for (float factor :
       {-1.453152027f, 1.421413741f, -0.284496736f, 0.254829592f})
    sum = math.add(math.multiply(sum, t), math.splat(factor));
  Value decay = math.exp(math.negate(math.multiply(x, x)));
  Value product = math.multiply(math.multiply(sum, t), decay);
  return math.copySign(math.subtract(math.splat(1), product), x);
}

/// The formulas are those of `attn.ffn`.
Value activate(TensorMath &math, attn::Activation activation, Value x) {
  switch (activation) {
  case attn::Activation::Silu:
    return math.divide(x, math.add(math.splat(1), math.exp(math.negate(x))));
  case attn::Activation::Relu:
    return math.maximum(x, math.splat(0));
  case attn::Activation::Gelu: {
    Value error = erf(math, math.multiply(x, math.splat(0.70710678f)));
    return math.multiply(math.multiply(x, math.splat(0.5f)),
                         math.add(error, math.splat(1)));
  }
  case attn::Activation::GeluTanh: {
    Value cube = math.multiply(math.multiply(x, x), x);
    Value inner = math.add(x, math.multiply(cube, math.splat(0.044715f)));
    Value tanh = math.tanh(math.multiply(inner, math.splat(0.79788456f)));
    return math.multiply(math.multiply(x, math.splat(0.5f)),
                         math.add(tanh, math.splat(1)));
  }
  }
  llvm_unreachable("every activation is listed");
}

void expandFfn(attn::FfnOp op) {
  OpBuilder builder(op);
  Location loc = op.getLoc();
  auto input = cast<RankedTensorType>(op.getInput().getType());
  int64_t hidden = cast<RankedTensorType>(op.getUp().getType()).getDimSize(0);
  SmallVector<int64_t> shape(input.getShape());
  shape.back() = hidden;
  auto wide = RankedTensorType::get(shape, input.getElementType());
  auto project = [&](Value x, Value weight, Type type) -> Value {
    return attn::LinearOp::create(builder, loc, type, x, weight, Value());
  };

  // The gate comes last: its activation and the product become its epilogue.
  Value up = project(op.getInput(), op.getUp(), wide);
  Value first = up;
  if (op.getGate())
    first = project(op.getInput(), op.getGate(), wide);
  TensorMath math(builder, loc, first);
  Value active = activate(math, op.getActivation(), math.widen(first));
  if (op.getGate())
    active = math.multiply(active, math.widen(up));
  Value down = project(math.narrow(active, wide), op.getDown(), op.getType());
  op.replaceAllUsesWith(down);
  op.erase();
}

struct ExpandBlocks : impl::ExpandBlocksPassBase<ExpandBlocks> {
  void runOnOperation() override {
    SmallVector<attn::FfnOp> blocks;
    getOperation().walk([&](attn::FfnOp op) { blocks.push_back(op); });
    for (attn::FfnOp op : blocks)
      expandFfn(op);
  }
};

} // namespace
} // namespace heed
