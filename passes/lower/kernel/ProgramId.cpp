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

/// Grids have less than 2^31 programs, and devices divide 32 bits faster.
static Value toWord(ImplicitLocOpBuilder &b, Value index) {
  return b.createOrFold<arith::IndexCastOp>(b.getI32Type(), index);
}
static Value toIndex(ImplicitLocOpBuilder &b, Value word) {
  return b.createOrFold<arith::IndexCastUIOp>(b.getIndexType(), word);
}

/// How many programs stand side by side in a dimension, i32.
static Value buildExtent(ImplicitLocOpBuilder &b, tile::KernelOp kernel,
                         tile::GridExtent extent, IRMapping &scalars) {
  auto word = [&](int64_t value) -> Value {
    return arith::ConstantOp::create(b, b.getI32IntegerAttr(value));
  };
  if (extent.argument < 0)
    return word(extent.divisor);
  Value size = scalars.lookup(kernel.getArguments()[extent.argument]);
  if (extent.divisor == 1)
    return toWord(b, size);
  Value last =
      b.createOrFold<arith::AddIOp>(toWord(b, size), word(extent.divisor - 1));
  return b.createOrFold<arith::DivUIOp>(last, word(extent.divisor));
}

Value buildProgramCount(ImplicitLocOpBuilder &b, tile::KernelOp kernel,
                        IRMapping &scalars) {
  Value count;
  for (tile::GridExtent extent : kernel.getGrid()) {
    Value size = buildExtent(b, kernel, extent, scalars);
    count = count ? b.createOrFold<arith::MulIOp>(count, size) : size;
  }
  return toIndex(b, count);
}

Value buildProgramId(ImplicitLocOpBuilder &b, tile::ProgramIdOp op,
                     Value program, IRMapping &scalars) {
  auto kernel = op->getParentOfType<tile::KernelOp>();
  SmallVector<tile::GridExtent> grid = kernel.getGrid();
  Value id = toWord(b, program);
  for (size_t d = grid.size() - 1; d > op.getDimension(); --d)
    id = b.createOrFold<arith::DivUIOp>(
        id, buildExtent(b, kernel, grid[d], scalars));
  if (op.getDimension() == 0)
    return toIndex(b, id);
  Value extent = buildExtent(b, kernel, grid[op.getDimension()], scalars);
  return toIndex(b, b.createOrFold<arith::RemUIOp>(id, extent));
}

} // namespace heed
