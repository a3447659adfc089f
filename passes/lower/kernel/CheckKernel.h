//===- CheckKernel.h - What the lowerings of kernels know -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_CHECKKERNEL_H
#define HEED_PASSES_LOWER_KERNEL_CHECKKERNEL_H

#include "dialects/tile/Tile.h"

namespace heed {

/// Emits an error at the first op of `kernel` that the lowerings do not know,
/// with the op printed on one line; or if the kernel has no name that a symbol
/// may have.
llvm::LogicalResult checkKernel(tile::KernelOp kernel);

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_CHECKKERNEL_H
