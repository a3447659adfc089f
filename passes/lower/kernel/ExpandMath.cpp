//===- ExpandMath.cpp - Elementary functions as arithmetic ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Polynomials behind range reductions. Rounding to an integer adds and
/// subtracts 1.5 * 2^23, which leaves that integer in the low bits of the sum.
/// The coefficients of 2^x are a relative minimax fit on [-1/2, 1/2]; those of
/// log, tanh, sin and cos are Moshier's (Cephes).
///
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/ExpandMath.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "llvm/ADT/StringSwitch.h"

using namespace mlir;

namespace heed {
namespace {

/// Arithmetic on f32 and on the bits of f32, scalar or vector alike.
class Floats {
public:
  Floats(ImplicitLocOpBuilder &builder, Type type)
      : b(builder), type(type), bitsType(builder.getI32Type()) {
    if (auto vector = dyn_cast<VectorType>(type))
      bitsType = VectorType::get(vector.getShape(), bitsType);
  }

  Value constant(float value) { return splat(type, b.getF32FloatAttr(value)); }
  Value bits(int32_t value) {
    return splat(bitsType, b.getI32IntegerAttr(value));
  }
  Value add(Value x, Value y) { return arith::AddFOp::create(b, x, y); }
  Value sub(Value x, Value y) { return arith::SubFOp::create(b, x, y); }
  Value mul(Value x, Value y) { return arith::MulFOp::create(b, x, y); }
  Value div(Value x, Value y) { return arith::DivFOp::create(b, x, y); }
  Value fma(Value x, Value y, Value z) {
    return math::FmaOp::create(b, x, y, z);
  }
  Value toBits(Value x) { return arith::BitcastOp::create(b, bitsType, x); }
  Value fromBits(Value x) { return arith::BitcastOp::create(b, type, x); }
  Value addBits(Value x, Value y) { return arith::AddIOp::create(b, x, y); }
  Value subBits(Value x, Value y) { return arith::SubIOp::create(b, x, y); }
  Value both(Value x, Value y) { return arith::AndIOp::create(b, x, y); }
  Value either(Value x, Value y) { return arith::OrIOp::create(b, x, y); }
  Value differ(Value x, Value y) { return arith::XOrIOp::create(b, x, y); }
  Value shiftLeft(Value x, int n) {
    return arith::ShLIOp::create(b, x, bits(n));
  }
  Value shiftRight(Value x, int n) {
    return arith::ShRUIOp::create(b, x, bits(n));
  }
  Value compare(arith::CmpFPredicate predicate, Value x, Value y) {
    return arith::CmpFOp::create(b, predicate, x, y);
  }
  Value select(Value condition, Value x, Value y) {
    return arith::SelectOp::create(b, condition, x, y);
  }
  /// `x` where it is a number, else `x` itself instead of `result`.
  Value keepNaN(Value x, Value result) {
    return select(compare(arith::CmpFPredicate::UNO, x, x), x, result);
  }
  /// Bound `x` and pass NaN on; each is one instruction.
  Value atLeast(Value x, float low) {
    Value bound = constant(low);
    return select(compare(arith::CmpFPredicate::OLT, x, bound), bound, x);
  }
  Value atMost(Value x, float high) {
    Value bound = constant(high);
    return select(compare(arith::CmpFPredicate::OGT, x, bound), bound, x);
  }
  /// The polynomial in `x` with these coefficients, the highest power first.
  Value horner(Value x, std::initializer_list<float> coefficients) {
    Value sum;
    for (float coefficient : coefficients)
      sum = sum ? fma(sum, x, constant(coefficient)) : constant(coefficient);
    return sum;
  }
  /// Adds 1.5 * 2^23; `unshifted` takes it away again, which leaves the nearest
  /// integer of `x`.
  Value shifted(Value x) { return add(x, constant(12582912.0f)); }
  Value unshifted(Value x) { return sub(x, constant(12582912.0f)); }

  /// 2^f times two to the integer in the low bits of `shiftedInteger`; the
  /// fraction lies in [-1/2, 1/2].
  Value scaledPower(Value f, Value shiftedInteger) {
    Value power =
        horner(f, {1.534581217e-4f, 1.339993121e-3f, 9.618488956e-3f,
                   5.550328777e-2f, 2.402264689e-1f, 6.931472057e-1f, 1.0f});
    Value exponent = shiftLeft(toBits(shiftedInteger), 23);
    return fromBits(addBits(toBits(power), exponent));
  }

private:
  Value splat(Type wanted, TypedAttr scalar) {
    if (auto vector = dyn_cast<VectorType>(wanted))
      return arith::ConstantOp::create(
          b, DenseElementsAttr::get(vector, Attribute(scalar)));
    return arith::ConstantOp::create(b, scalar);
  }

  ImplicitLocOpBuilder &b;
  Type type, bitsType;
};

/// 2^x. Below 2^-126 the result is 0, above the largest float infinite.
Value expandExp2(Floats &f, Value x) {
  Value bounded = f.atMost(f.atLeast(x, -126.0f), 128.0f);
  Value t = f.shifted(bounded);
  Value power = f.scaledPower(f.sub(bounded, f.unshifted(t)), t);
  Value tiny = f.compare(arith::CmpFPredicate::OLT, x, f.constant(-126.0f));
  return f.keepNaN(x, f.select(tiny, f.constant(0.0f), power));
}

/// e^x: reduced by multiples of log 2 in two parts, so that the error of
/// x * log2(e) does not grow with x.
Value expandExp(Floats &f, Value x) {
  Value bounded = f.atMost(f.atLeast(x, -87.33654f), 88.72284f);
  Value t = f.shifted(f.mul(bounded, f.constant(1.44269504f)));
  Value n = f.unshifted(t);
  Value rest = f.fma(n, f.constant(-0.693359375f), bounded);
  rest = f.fma(n, f.constant(2.12194440e-4f), rest);
  Value power = f.scaledPower(f.mul(rest, f.constant(1.44269504f)), t);
  Value tiny = f.compare(arith::CmpFPredicate::OLT, x, f.constant(-87.33654f));
  Value huge = f.compare(arith::CmpFPredicate::OGT, x, f.constant(88.72284f));
  Value infinite = f.constant(std::numeric_limits<float>::infinity());
  power = f.select(tiny, f.constant(0.0f), power);
  return f.keepNaN(x, f.select(huge, infinite, power));
}

/// The natural logarithm; denormals count as the least normal number.
Value expandLog(Floats &f, Value x) {
  Value normal = f.atLeast(x, 1.17549435e-38f);
  // Mantissa in [sqrt(1/2), sqrt(2)) and its exponent.
  Value bits = f.subBits(f.toBits(normal), f.bits(0x3f3504f3));
  Value exponent = f.both(bits, f.bits(0xff800000));
  Value m = f.fromBits(f.subBits(f.toBits(normal), exponent));
  // The exponent as a float: 2^23 * 1.5 + e, without a conversion.
  Value biased =
      f.addBits(f.shiftRight(f.addBits(exponent, f.bits(0x40000000)), 23),
                f.bits(0x4b400000 - 128));
  Value e = f.unshifted(f.fromBits(biased));
  Value r = f.sub(m, f.constant(1.0f));
  Value z = f.mul(r, r);
  Value p =
      f.horner(r, {7.0376836292e-2f, -1.1514610310e-1f, 1.1676998740e-1f,
                   -1.2420140846e-1f, 1.4249322787e-1f, -1.6668057665e-1f,
                   2.0000714765e-1f, -2.4999993993e-1f, 3.3333331174e-1f});
  Value y = f.mul(f.mul(p, r), z);
  y = f.fma(e, f.constant(-2.12194440e-4f), y);
  y = f.fma(f.constant(-0.5f), z, y);
  Value result = f.fma(e, f.constant(0.693359375f), f.add(r, y));
  float infinity = std::numeric_limits<float>::infinity();
  Value zero = f.constant(0.0f);
  Value infinite = f.constant(infinity);
  result = f.select(f.compare(arith::CmpFPredicate::OEQ, x, zero),
                    f.constant(-infinity), result);
  result = f.select(f.compare(arith::CmpFPredicate::OEQ, x, infinite), infinite,
                    result);
  Value nan = f.constant(std::numeric_limits<float>::quiet_NaN());
  result = f.select(f.compare(arith::CmpFPredicate::OLT, x, zero), nan, result);
  return f.keepNaN(x, result);
}

/// The sign bit of `x`.
Value signOf(Floats &f, Value x) {
  return f.both(f.toBits(x), f.bits(0x80000000));
}

Value absolute(Floats &f, Value x) {
  return f.fromBits(f.both(f.toBits(x), f.bits(0x7fffffff)));
}

Value expandTanh(Floats &f, Value x) {
  Value a = absolute(f, x);
  Value z = f.mul(x, x);
  Value p =
      f.horner(z, {-5.70498872745e-3f, 2.06390887954e-2f, -5.37397155531e-2f,
                   1.33314422036e-1f, -3.33332819422e-1f});
  Value near = f.fma(f.mul(p, z), x, x);
  Value e = expandExp(f, f.add(a, a));
  Value one = f.constant(1.0f);
  Value far = f.sub(one, f.div(f.constant(2.0f), f.add(e, one)));
  far = f.fromBits(f.either(f.toBits(far), signOf(f, x)));
  Value small = f.compare(arith::CmpFPredicate::OLT, a, f.constant(0.625f));
  return f.select(small, near, far);
}

/// sin(x + quarter * pi / 2) for |x| <= 2^17 or so; beyond, digits are lost.
Value expandSine(Floats &f, Value x, int quarter) {
  Value t = f.shifted(f.mul(x, f.constant(0.636619772f)));
  Value n = f.unshifted(t);
  Value r = f.fma(n, f.constant(-1.57079637f), x);
  r = f.fma(n, f.constant(4.37113883e-8f), r);
  r = f.fma(n, f.constant(1.71512451e-15f), r);
  Value z = f.mul(r, r);
  Value s =
      f.horner(z, {-1.9515295891e-4f, 8.3321608736e-3f, -1.6666654611e-1f});
  Value sine = f.fma(f.mul(s, z), r, r);
  Value c = f.horner(z, {2.443315711809948e-5f, -1.388731625493765e-3f,
                         4.166664568298827e-2f});
  Value cosine =
      f.fma(f.mul(c, z), z, f.fma(f.constant(-0.5f), z, f.constant(1.0f)));
  Value q = f.addBits(f.toBits(t), f.bits(quarter));
  // Bit 0 of the quadrant swaps the two, bit 1 turns the sign.
  Value mask = f.subBits(f.bits(0), f.both(q, f.bits(1)));
  Value chosen = f.differ(
      f.toBits(sine), f.both(mask, f.differ(f.toBits(sine), f.toBits(cosine))));
  Value sign = f.shiftLeft(f.both(q, f.bits(2)), 30);
  return f.keepNaN(x, f.fromBits(f.differ(chosen, sign)));
}

} // namespace

bool canExpandMath(StringRef name) {
  return llvm::StringSwitch<bool>(name)
      .Cases({"math.exp2", "math.exp", "math.log", "math.log2"}, true)
      .Cases({"math.tanh", "math.rsqrt", "math.sin", "math.cos"}, true)
      .Default(false);
}

Value expandMath(ImplicitLocOpBuilder &b, StringRef name, Value x) {
  Floats f(b, x.getType());
  if (name == "math.exp2")
    return expandExp2(f, x);
  if (name == "math.exp")
    return expandExp(f, x);
  if (name == "math.log")
    return expandLog(f, x);
  if (name == "math.log2")
    return f.mul(expandLog(f, x), f.constant(1.44269504f));
  if (name == "math.tanh")
    return expandTanh(f, x);
  if (name == "math.rsqrt")
    return f.div(f.constant(1.0f), math::SqrtOp::create(b, x));
  assert((name == "math.sin" || name == "math.cos") && "not expandable");
  return expandSine(f, x, name == "math.cos");
}

Value roundToBF16(ImplicitLocOpBuilder &b, Value x) {
  Floats f(b, x.getType());
  Value bits = f.toBits(x);
  Value odd = f.both(f.shiftRight(bits, 16), f.bits(1));
  Value rounded = f.addBits(f.addBits(bits, f.bits(0x7fff)), odd);
  Value quiet = f.either(bits, f.bits(0x400000));
  Value isNaN = f.compare(arith::CmpFPredicate::UNO, x, x);
  rounded = f.select(isNaN, quiet, rounded);
  return f.fromBits(f.both(rounded, f.bits(0xffff0000)));
}

} // namespace heed
