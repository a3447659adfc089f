//===- InitAll.h - Registers all of Heed ------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What an embedder calls before it reads Heed's IR or runs its passes.
///
/// Nothing registers itself: a program that calls none of these functions sees
/// no trace of Heed. Each may be called more than once.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_INITALL_H
#define HEED_PASSES_INITALL_H

namespace mlir {
class DialectRegistry;
} // namespace mlir

namespace heed {

/// Adds Heed's dialects to `registry`, and the upstream ones that Heed's IR is
/// written in or lowered to.
void registerAllDialects(mlir::DialectRegistry &registry);

/// Makes Heed's passes known to the textual pipelines of this process. The
/// passes of MLIR itself are left to the caller.
void registerAllPasses();

/// Does both: the one call of an embedder.
void registerAll(mlir::DialectRegistry &registry);

} // namespace heed

#endif // HEED_PASSES_INITALL_H
