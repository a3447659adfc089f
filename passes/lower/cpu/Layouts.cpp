//===- Layouts.cpp - Which dimension of a tile lies in the lanes ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/Layouts.h"

using namespace mlir;

namespace heed::cpu {

/// Rows up to which a product keeps them out of the lanes.
static constexpr int64_t kFewRows = 8;

static bool isMatrix(Value value) {
  auto type = dyn_cast<RankedTensorType>(value.getType());
  return type && type.getRank() == 2;
}

MmaForm formOf(tile::MmaOp op) {
  int64_t rows = cast<RankedTensorType>(op.getType()).getDimSize(0);
  if (rows <= kFewRows)
    return op.getTransposeB() && !op.getTransposeA() ? MmaForm::Dot
                                                     : MmaForm::LanesN;
  return op.getTransposeA() ? MmaForm::LanesN : MmaForm::LanesM;
}

//===----------------------------------------------------------------------===//
// Assignment
//===----------------------------------------------------------------------===//

Layouts::Layouts(tile::KernelOp kernel) : classes(kernel, 2) {
  // Results first: what a product accumulates into is never copied.
  kernel.walk([&](tile::MmaOp op) {
    prefer(op.getResult(),
           formOf(op) == MmaForm::LanesM ? Layout::Columns : Layout::Rows);
  });
  kernel.walk([&](tile::MmaOp op) {
    if (formOf(op) == MmaForm::LanesM)
      prefer(op.getA(), Layout::Columns);
    else if (formOf(op) == MmaForm::LanesN)
      prefer(op.getB(), op.getTransposeB() ? Layout::Columns : Layout::Rows);
    else
      prefer(op.getA(), Layout::Rows);
  });
}

Layout Layouts::of(Value tile) {
  if (!isMatrix(tile))
    return Layout::Rows;
  auto found = chosen.find(classes.leader(tile));
  return found == chosen.end() ? Layout::Rows : found->second;
}

void Layouts::prefer(Value value, Layout layout) {
  value = classes.leader(value);
  if (!isFree(value.getDefiningOp()))
    chosen.try_emplace(value, layout);
}

} // namespace heed::cpu
