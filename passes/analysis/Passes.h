//===- Passes.h - Passes that look and report -------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Passes that leave the IR as it is; see Passes.td.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_ANALYSIS_PASSES_H
#define HEED_PASSES_ANALYSIS_PASSES_H

#include "mlir/Pass/Pass.h"

namespace heed {

#define GEN_PASS_DECL
#define GEN_PASS_REGISTRATION
#include "passes/analysis/Passes.h.inc"

} // namespace heed

#endif // HEED_PASSES_ANALYSIS_PASSES_H
