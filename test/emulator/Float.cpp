//===- Float.cpp - Floating-point arithmetic ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"

#include <algorithm>

namespace heed::ptx {

namespace {

struct Add {
  template <typename W> W operator()(W a, W b) const { return a + b; }
};
struct Sub {
  template <typename W> W operator()(W a, W b) const { return a - b; }
};
struct Mul {
  template <typename W> W operator()(W a, W b) const { return a * b; }
};
struct Div {
  template <typename W> W operator()(W a, W b) const { return a / b; }
};
struct Fma {
  template <typename W> W operator()(W a, W b, W c) const {
    return std::fma(a, b, c);
  }
};
/// For halves, whose products are exact in double. A sum that double cannot
/// hold is rounded to odd, so that the rounding to half decides as the exact
/// sum would: a tie of halves that the addend breaks remains broken.
struct HalfFma {
  double operator()(double a, double b, double c) const {
    Unrounded sum = sumOf(a * b, c);
    bool isOdd = bits(sum.value) & 1;
    if (!std::isfinite(sum.value) || sum.rest == 0 || isOdd)
      return sum.value;
    return std::nextafter(sum.value, std::copysign(INFINITY, sum.rest));
  }
};
/// max(0, fma); NaN stays.
struct HalfFmaRelu {
  double operator()(double a, double b, double c) const {
    double sum = HalfFma()(a, b, c);
    return sum <= 0 ? 0 : sum;
  }
};
struct Neg {
  template <typename W> W operator()(W a) const { return -a; }
};
struct Abs {
  template <typename W> W operator()(W a) const { return std::fabs(a); }
};
struct Sqrt {
  template <typename W> W operator()(W a) const { return std::sqrt(a); }
};
struct Rcp {
  template <typename W> W operator()(W a) const { return 1 / a; }
};
/// copysign d, a, b: the magnitude of b with the sign of a.
struct CopySign {
  template <typename W> W operator()(W a, W b) const {
    return std::copysign(b, a);
  }
};

/// The lesser (greater) one. A NaN is ignored, or wins if `keepsNan`; -0 is
/// less than +0.
template <bool isMax, bool keepsNan> struct Extreme {
  template <typename W> W operator()(W a, W b) const {
    if (std::isnan(a) || std::isnan(b))
      return keepsNan == std::isnan(a) ? a : b;
    if (a == b)
      return std::signbit(a) == isMax ? b : a;
    return (a < b) == isMax ? b : a;
  }
};

template <typename T, int operands, typename Op, bool ftz = false,
          bool sat = false>
Form form() {
  return formOf<T, operands, Arithmetic<T, Op, ftz, sat>>();
}

/// Adds name{.rn}{.ftz}{.sat}.f32.
template <int operands, typename Op>
void addSingle(Table &table, const std::string &name, bool rounds) {
  for (const char *rounding : {"", ".rn"}) {
    if (*rounding && !rounds)
      continue;
    std::string stem = name + rounding;
    table.add(stem + ".f32", form<float, operands, Op>());
    table.add(stem + ".ftz.f32", form<float, operands, Op, true>());
    if (!rounds)
      continue;
    table.add(stem + ".sat.f32", form<float, operands, Op, false, true>());
    table.add(stem + ".ftz.sat.f32", form<float, operands, Op, true, true>());
    table.add(stem + ".f64", form<double, operands, Op>());
  }
  if (!rounds)
    table.add(name + ".f64", form<double, operands, Op>());
}

/// Adds name.f16, name.bf16 and their pairs.
template <int operands, typename Op>
void addHalf(Table &table, const std::string &name) {
  table.add(name + ".f16", form<F16, operands, Op>());
  table.add(name + ".bf16", form<Bf16, operands, Op>());
  table.add(name + ".f16x2", form<Pair<F16>, operands, Op>());
  table.add(name + ".bf16x2", form<Pair<Bf16>, operands, Op>());
  table.add(name + ".ftz.f16", form<F16, operands, Op, true>());
  table.add(name + ".ftz.f16x2", form<Pair<F16>, operands, Op, true>());
}

template <int operands, typename Op>
void addBoth(Table &table, const std::string &name, bool rounds) {
  addSingle<operands, Op>(table, name, rounds);
  addHalf<operands, Op>(table, name);
  if (rounds)
    addHalf<operands, Op>(table, name + ".rn");
}

/// Adds name.rn{.ftz}.f32 and name.rn.f64.
template <int operands, typename Op>
void addExact(Table &table, const std::string &name) {
  table.add(name + ".rn.f32", form<float, operands, Op>());
  table.add(name + ".rn.ftz.f32", form<float, operands, Op, true>());
  table.add(name + ".rn.f64", form<double, operands, Op>());
}

template <bool isMax> void addExtreme(Table &table, const std::string &name) {
  addBoth<3, Extreme<isMax, false>>(table, name, false);
  addHalf<3, Extreme<isMax, true>>(table, name + ".NaN");
  using Nan = Extreme<isMax, true>;
  table.add(name + ".NaN.f32", form<float, 3, Nan>());
  table.add(name + ".ftz.NaN.f32", form<float, 3, Nan, true>());
}

} // namespace

void addFloatInstructions(Table &table) {
  addBoth<3, Add>(table, "add", true);
  addBoth<3, Sub>(table, "sub", true);
  addBoth<3, Mul>(table, "mul", true);
  addBoth<2, Neg>(table, "neg", false);
  addBoth<2, Abs>(table, "abs", false);
  addExtreme<false>(table, "min");
  addExtreme<true>(table, "max");
  addSingle<3, CopySign>(table, "copysign", false);
  addExact<4, Fma>(table, "fma");
  addHalf<4, HalfFma>(table, "fma.rn");
  addHalf<4, HalfFmaRelu>(table, "fma.rn.relu");
  table.add("fma.rn.sat.f32", form<float, 4, Fma, false, true>());
  table.add("fma.rn.ftz.sat.f32", form<float, 4, Fma, true, true>());
  table.add("mad.rn.f32", form<float, 4, Fma>());
  table.add("mad.rn.ftz.f32", form<float, 4, Fma, true>());
  addExact<3, Div>(table, "div");
  addExact<2, Sqrt>(table, "sqrt");
  addExact<2, Rcp>(table, "rcp");
}

} // namespace heed::ptx
