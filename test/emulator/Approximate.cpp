//===- Approximate.cpp - Functions that hardware approximates -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The ISA bounds the error of these and says no more. So does the emulator:
/// the exact value is off by up to three quarters of the bound, by an amount
/// that depends on the operand alone. What a kernel may rely on is thus the
/// bound and not what some hardware happens to do. Powers of two are exact.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"

namespace heed::ptx {

namespace {

/// A number in [-0.75, 0.75] that looks random.
double jitter(double x) {
  uint64_t hash = bits(x) * 0x9e3779b97f4a7c15;
  hash ^= hash >> 32;
  hash *= 0xd6e8feb86659fd93;
  return double(int64_t(hash) >> 11) / double(int64_t(1) << 53) * 1.5;
}

bool isPowerOfTwo(double x) {
  int exponent = 0;
  return std::frexp(std::fabs(x), &exponent) == 0.5;
}

/// `exact` with an error of at most `relative` or `absolute`, whichever is
/// larger; x is the operand.
double err(double exact, double x, double relative, double absolute = 0) {
  if (!std::isfinite(exact) || exact == 0 || isPowerOfTwo(exact))
    return exact;
  double bound = std::max(relative * std::fabs(exact), absolute);
  return exact + jitter(x) * bound;
}

/// 2^-n.
constexpr double ulp(int n) { return 1.0 / double(uint64_t(1) << n); }

struct Ex2 {
  double operator()(double x) const { return err(std::exp2(x), x, ulp(22)); }
};
struct Lg2 {
  double operator()(double x) const {
    bool isNearOne = x >= 0.5 && x <= 2;
    return err(std::log2(x), x, isNearOne ? 0 : ulp(22),
               isNearOne ? ulp(22) : 0);
  }
};
/// The bound holds in [-pi, pi]; beyond, the error grows with the operand.
struct Sin {
  double operator()(double x) const {
    return err(std::sin(x), x, 0, ulp(21) * std::max(1.0, std::fabs(x) / 3));
  }
};
struct Cos {
  double operator()(double x) const {
    return err(std::cos(x), x, 0, ulp(21) * std::max(1.0, std::fabs(x) / 3));
  }
};
struct Tanh {
  double operator()(double x) const { return err(std::tanh(x), x, ulp(11)); }
};
struct Rcp {
  double operator()(double x) const { return err(1 / x, x, ulp(24)); }
};
struct Sqrt {
  double operator()(double x) const { return err(std::sqrt(x), x, ulp(24)); }
};
struct Rsqrt {
  double operator()(double x) const {
    return err(1 / std::sqrt(x), x, ulp(23));
  }
};
struct Div {
  double operator()(double a, double b) const {
    return err(a / b, a + b, ulp(23));
  }
};
struct HalfTanh {
  double operator()(double x) const { return err(std::tanh(x), x, ulp(11)); }
};
struct Bf16Ex2 {
  double operator()(double x) const { return err(std::exp2(x), x, ulp(8)); }
};
struct F16Ex2 {
  double operator()(double x) const { return err(std::exp2(x), x, ulp(11)); }
};

/// Computes in double and rounds once.
template <typename Op> struct Single {
  template <typename... Args> float operator()(Args... args) const {
    return float(Op()(double(args)...));
  }
};

template <int operands, typename Op>
void addSingle(Table &table, const std::string &name) {
  using Plain = Arithmetic<float, Single<Op>, false, false>;
  using Flushed = Arithmetic<float, Single<Op>, true, false>;
  table.add(name + ".f32", formOf<float, operands, Plain>());
  table.add(name + ".ftz.f32", formOf<float, operands, Flushed>());
}

template <typename T, typename Op>
void addHalf(Table &table, const std::string &name, const std::string &type) {
  using One = Arithmetic<T, Op, false, false>;
  using Two = Arithmetic<Pair<T>, Op, false, false>;
  table.add(name + "." + type, {unary<T, T, One>, 1, 2});
  table.add(name + "." + type + "x2", {unary<Pair<T>, Pair<T>, Two>, 1, 2});
}

} // namespace

void addApproximateInstructions(Table &table) {
  addSingle<2, Ex2>(table, "ex2.approx");
  addSingle<2, Lg2>(table, "lg2.approx");
  addSingle<2, Sin>(table, "sin.approx");
  addSingle<2, Cos>(table, "cos.approx");
  addSingle<2, Rcp>(table, "rcp.approx");
  addSingle<2, Sqrt>(table, "sqrt.approx");
  addSingle<2, Rsqrt>(table, "rsqrt.approx");
  addSingle<3, Div>(table, "div.approx");
  addSingle<3, Div>(table, "div.full");
  table.add("tanh.approx.f32",
            {unary<float, float, Arithmetic<float, Single<Tanh>, false, false>>,
             1, 2});
  table.add("rsqrt.approx.f64", {unary<double, double, Rsqrt>, 1, 2});
  addHalf<Bf16, HalfTanh>(table, "tanh.approx", "bf16");
  addHalf<F16, HalfTanh>(table, "tanh.approx", "f16");
  addHalf<Bf16, Bf16Ex2>(table, "ex2.approx.ftz", "bf16");
  addHalf<F16, F16Ex2>(table, "ex2.approx", "f16");
}

} // namespace heed::ptx
