//===- CopyKernels.cpp - The kernels of a module, apart -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/CopyKernels.h"

#include "dialects/tile/Tile.h"

using namespace mlir;

namespace heed {

OwningOpRef<ModuleOp> copyKernels(ModuleOp module) {
  OwningOpRef<ModuleOp> copy = ModuleOp::create(module.getLoc());
  OpBuilder builder = OpBuilder::atBlockEnd(copy->getBody());
  for (auto kernel : module.getOps<tile::KernelOp>())
    builder.clone(*kernel);
  return copy;
}

} // namespace heed
