//===- Passes.h - Lowering kernels to NVIDIA GPUs ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_PASSES_H
#define HEED_PASSES_LOWER_NVGPU_PASSES_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/Pass.h"

namespace heed {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/lower/nvgpu/Passes.h.inc"

} // namespace heed

#endif // HEED_PASSES_LOWER_NVGPU_PASSES_H
