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

Value buildProgramId(ImplicitLocOpBuilder &b, tile::ProgramIdOp op,
                     Value program, IRMapping &scalars) {
  auto kernel = op->getParentOfType<tile::KernelOp>();
  SmallVector<tile::GridExtent> grid = kernel.getGrid();
  auto index = [&](int64_t value) -> Value {
    return arith::ConstantIndexOp::create(b, value);
  };
  auto extentOf = [&](tile::GridExtent extent) {
    if (extent.argument < 0)
      return index(extent.divisor);
    Value size = scalars.lookup(kernel.getArguments()[extent.argument]);
    Value last = b.createOrFold<arith::AddIOp>(size, index(extent.divisor - 1));
    return b.createOrFold<arith::DivUIOp>(last, index(extent.divisor));
  };
  Value id = program;
  for (size_t d = grid.size() - 1; d > op.getDimension(); --d)
    id = b.createOrFold<arith::DivUIOp>(id, extentOf(grid[d]));
  if (op.getDimension() == 0)
    return id;
  return b.createOrFold<arith::RemUIOp>(id, extentOf(grid[op.getDimension()]));
}

} // namespace heed
