//===- ProgramId.cpp - Where a program stands in its grid -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/ProgramId.h"

#include "mlir/Dialect/Arith/IR/Arith.h"

using namespace mlir;

namespace heed {

/// How many programs stand side by side in a dimension.
static Value buildExtent(ImplicitLocOpBuilder &b, tile::KernelOp kernel,
                         tile::GridExtent extent, IRMapping &scalars) {
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  if (extent.argument < 0)
    return index(extent.divisor);
  Value size = scalars.lookup(kernel.getArguments()[extent.argument]);
  Value last = b.createOrFold<arith::AddIOp>(size, index(extent.divisor - 1));
  return b.createOrFold<arith::DivUIOp>(last, index(extent.divisor));
}

Value buildProgramCount(ImplicitLocOpBuilder &b, tile::KernelOp kernel,
                        IRMapping &scalars) {
  Value count;
  for (tile::GridExtent extent : kernel.getGrid()) {
    Value size = buildExtent(b, kernel, extent, scalars);
    count = count ? b.createOrFold<arith::MulIOp>(count, size) : size;
  }
  return count;
}

Value buildProgramId(ImplicitLocOpBuilder &b, tile::ProgramIdOp op,
                     Value program, IRMapping &scalars) {
  auto kernel = op->getParentOfType<tile::KernelOp>();
  SmallVector<tile::GridExtent> grid = kernel.getGrid();
  Value id = program;
  for (size_t d = grid.size() - 1; d > op.getDimension(); --d)
    id = b.createOrFold<arith::DivUIOp>(
        id, buildExtent(b, kernel, grid[d], scalars));
  if (op.getDimension() == 0)
    return id;
  Value extent = buildExtent(b, kernel, grid[op.getDimension()], scalars);
  return b.createOrFold<arith::RemUIOp>(id, extent);
}

} // namespace heed
