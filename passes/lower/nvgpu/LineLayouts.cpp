//===- LineLayouts.cpp - Where the numbers of 1-D tiles lie ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/LineLayouts.h"

using namespace mlir;

namespace heed::nvgpu {

LineLayouts::LineLayouts(tile::KernelOp kernel) : classes(kernel, 1) {
  // What is computed comes first: it would have to pass through memory, while
  // a broadcast may take what is cheap to make anew.
  kernel.walk([&](tile::ReduceOp op) {
    if (isa<RankedTensorType>(op.getType()))
      prefer(op.getResult(),
             op.getDimension() == 1 ? Layout::Rows : Layout::Columns);
  });
  kernel.walk([&](Operation *op) { decide(op); });
}

void LineLayouts::decide(Operation *op) {
  if (auto broadcast = dyn_cast<tile::BroadcastOp>(op)) {
    prefer(broadcast.getSource(),
           broadcast.getDimension() == 1 ? Layout::Rows : Layout::Columns);
  } else if (auto gather = dyn_cast<tile::GatherOp>(op)) {
    prefer(gather.getRows(), Layout::Rows);
    prefer(gather.getResult(), Layout::Rows);
  } else if (auto scatter = dyn_cast<tile::ScatterOp>(op)) {
    prefer(scatter.getRows(), Layout::Rows);
    prefer(scatter.getValue(), Layout::Rows);
  }
}

Layout LineLayouts::of(Value tile) {
  if (cast<RankedTensorType>(tile.getType()).getRank() == 2)
    return Layout::Matrix;
  auto found = chosen.find(classes.leader(tile));
  return found == chosen.end() ? Layout::Columns : found->second;
}

void LineLayouts::prefer(Value line, Layout layout) {
  if (cast<RankedTensorType>(line.getType()).getRank() != 1)
    return;
  line = classes.leader(line);
  if (!isFree(line.getDefiningOp()))
    chosen.try_emplace(line, layout);
}

} // namespace heed::nvgpu
