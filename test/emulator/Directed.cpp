//===- Directed.cpp - Arithmetic that rounds to one side ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// .rz, .rm and .rp for single precision. The sum or product is kept in double
/// with what double lost, which together are exact; the nearest float then
/// moves by one step where it lies on the wrong side.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"

namespace heed::ptx {

namespace {

struct Add {
  Unrounded operator()(double a, double b, double) const { return sumOf(a, b); }
};
struct Sub {
  Unrounded operator()(double a, double b, double) const {
    return sumOf(a, -b);
  }
};
struct Mul {
  Unrounded operator()(double a, double b, double) const { return {a * b, 0}; }
};
struct Fma {
  Unrounded operator()(double a, double b, double c) const {
    return sumOf(a * b, c);
  }
};

enum Mode { Zero, Down, Up };
constexpr const char *modeNames[] = {".rz", ".rm", ".rp"};

float roundTo(const Unrounded &exact, int32_t mode) {
  // What cancels is -0 where sums round down, as IEEE 754 has it.
  if (exact.cancels)
    return mode == Down ? -0.0f : 0.0f;
  float nearest = float(exact.value);
  if (!std::isfinite(exact.value))
    return nearest;
  double missing = (exact.value - nearest) + exact.rest;
  bool goesUp = mode == Up || (mode == Zero && exact.value < 0);
  if (missing == 0 || goesUp == (missing < 0))
    return nearest;
  return std::nextafter(nearest, goesUp ? INFINITY : -INFINITY);
}

/// variant: mode, ftz.
template <typename Op>
Outcome directed(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  bool ftz = instruction.variant[1] != 0;
  bool hasThird = instruction.operands.size() == 4;
  forEachLane(lanes, [&](int lane) {
    auto source = [&](int i) {
      float x = as<float>(warp.rows[instruction.row(i)][lane]);
      return ftz ? flush(x) : x;
    };
    float value = roundTo(Op()(source(1), source(2), hasThird ? source(3) : 0),
                          instruction.variant[0]);
    float out;
    store<false>(ftz ? flush(value) : value, out);
    warp.rows[instruction.row(0)][lane] = bits(out);
  });
  return Outcome::Next;
}

template <typename Op>
void addModes(Table &table, const std::string &name, int operands) {
  for (int32_t mode : {Zero, Down, Up})
    for (int32_t ftz : {0, 1})
      table.add(name + modeNames[mode] + (ftz ? ".ftz" : "") + ".f32",
                {directed<Op>, 1, operands, 0, {mode, ftz}});
}

} // namespace

void addDirectedInstructions(Table &table) {
  addModes<Add>(table, "add", 3);
  addModes<Sub>(table, "sub", 3);
  addModes<Mul>(table, "mul", 3);
  addModes<Fma>(table, "fma", 4);
}

} // namespace heed::ptx
