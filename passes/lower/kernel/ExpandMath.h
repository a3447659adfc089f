//===- ExpandMath.h - Elementary functions as arithmetic --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A kernel's image links against nothing, and a call per lane costs more than
/// a product. So exponentials, logarithms and the like become polynomials in
/// f32, good to one or two units in the last place. NaN gives NaN.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_EXPANDMATH_H
#define HEED_PASSES_LOWER_KERNEL_EXPANDMATH_H

#include "mlir/IR/ImplicitLocOpBuilder.h"

namespace heed {

/// Whether `expandMath` knows the op of this name, such as "math.exp2".
bool canExpandMath(llvm::StringRef name);

/// Builds the function of that name of `x`, an f32 or a 1-D vector of f32.
/// Requires `canExpandMath(name)`.
mlir::Value expandMath(mlir::ImplicitLocOpBuilder &builder,
                       llvm::StringRef name, mlir::Value x);

/// Rounds `x` to the nearest bf16, ties to even, and leaves it in f32.
mlir::Value roundToBF16(mlir::ImplicitLocOpBuilder &builder, mlir::Value x);

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_EXPANDMATH_H
