//===- Arithmetic.h - Sizes that cannot overflow unseen --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Arithmetic on numbers from a file or a caller. Every function returns false
/// instead of a wrong result.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_ARITHMETIC_H
#define HEED_RUNTIME_ARITHMETIC_H

#include "heed-c/Package.h"

#include <cstdint>

namespace heed {

inline bool add(int64_t a, int64_t b, int64_t &sum) {
  return !__builtin_add_overflow(a, b, &sum);
}

inline bool multiply(int64_t a, int64_t b, int64_t &product) {
  return !__builtin_mul_overflow(a, b, &product);
}

/// Rounds `value` >= 0 up to a multiple of `unit`, a power of two.
inline bool roundUp(int64_t value, int64_t unit, int64_t &rounded) {
  if (!add(value, unit - 1, rounded))
    return false;
  rounded &= -unit;
  return true;
}

/// What a step binds: B sequences, N tokens each, R rows of logits each.
struct StepSizes {
  int64_t b = 0;
  int64_t n = 0;
  int64_t r = 0;

  bool operator==(const StepSizes &other) const {
    return b == other.b && n == other.n && r == other.r;
  }
};

/// Evaluates a size polynomial.
inline bool evaluate(const heed_package_size &size, const StepSizes &step,
                     int64_t &value) {
  int64_t bn, br, term;
  if (!multiply(step.b, step.n, bn) || !multiply(step.b, step.r, br))
    return false;
  value = size.constant;
  return multiply(size.b, step.b, term) && add(value, term, value) &&
         multiply(size.bn, bn, term) && add(value, term, value) &&
         multiply(size.br, br, term) && add(value, term, value);
}

/// Returns the bytes of one element, or 0 for a number that is no heed_dtype.
inline int64_t elementBytes(uint32_t dtype) {
  switch (dtype) {
  case HEED_F64:
    return 8;
  case HEED_F32:
  case HEED_I32:
    return 4;
  case HEED_BF16:
  case HEED_F16:
    return 2;
  }
  return 0;
}

} // namespace heed

#endif // HEED_RUNTIME_ARITHMETIC_H
