//===- Passes.h - From graphs to kernels ------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The passes between a rewritten graph and its kernels, in the order in which
/// README.md beside this file lists them.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_PASSES_H
#define HEED_PASSES_LOWER_PASSES_H

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace heed {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/lower/Passes.h.inc"

} // namespace heed

#endif // HEED_PASSES_LOWER_PASSES_H
