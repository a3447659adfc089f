//===- Distribution.cpp - Which thread holds what of a tile ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Distribution.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace heed::nvgpu {

static constexpr int64_t kMostWarps = 4;

/// What the first steps of all parts may take of the shared memory that a
/// program has on every architecture; the rest is for what is not divided.
static constexpr int64_t kPartsBytes = 80 << 10;

/// The height of the highest tile in `root`.
static int64_t mostRows(Operation *root) {
  int64_t rows = 1;
  root->walk([&](Operation *op) {
    for (Type type : op->getResultTypes()) {
      auto tile = dyn_cast<RankedTensorType>(type);
      if (tile && tile.getRank() == 2)
        rows = std::max(rows, tile.getDimSize(0));
    }
  });
  return rows;
}

/// How many warps may share out the steps of streams of `kernel`.
static int64_t countParts(tile::KernelOp kernel) {
  int64_t most = 0;
  bool isDivisible = false;
  kernel.walk([&](tile::StreamOp op) {
    if (!op.hasCombine())
      return;
    isDivisible = true;
    int64_t bytes = 0;
    for (auto load : op.getLoad().front().getOps<tile::LoadOp>()) {
      auto type = cast<RankedTensorType>(load.getType());
      bytes += type.getNumElements() * type.getElementTypeBitWidth() / 8;
    }
    most = std::max(most, bytes);
  });
  int64_t parts = isDivisible ? kMostWarps : 1;
  while (parts > 1 && parts * most > kPartsBytes)
    parts /= 2;
  return parts;
}

/// The height of the highest result of a product; 0 without products.
static int64_t mostProductRows(Operation *root) {
  int64_t rows = 0;
  root->walk([&](tile::MmaOp op) {
    auto type = cast<RankedTensorType>(op.getType());
    rows = std::max(rows, type.getDimSize(0));
  });
  return rows;
}

/// Spreads rows over `warps` warps, or over as many as they have work for, and
/// over lanes.
static Distribution spread(Operation *root, std::optional<int64_t> warps) {
  Distribution d;
  if (int64_t rows = mostProductRows(root)) {
    d.halves = 2;
    d.laneRows = 8;
    d.laneColumns = 4;
    d.width = 2;
    d.warps = warps.value_or(std::min<int64_t>(
        kMostWarps, llvm::PowerOf2Ceil(llvm::divideCeil(rows, 16))));
    return d;
  }
  int64_t rows = llvm::PowerOf2Ceil(mostRows(root));
  d.warps = warps.value_or(std::min(kMostWarps, rows));
  d.laneRows = std::clamp<int64_t>(rows / d.warps, 1, 8);
  d.laneColumns = 32 / d.laneRows;
  return d;
}

Distribution Distribution::of(tile::KernelOp kernel) {
  Distribution d = spread(kernel, std::nullopt);
  if (d.warps == 1)
    d.parts = countParts(kernel);
  return d;
}

Distribution Distribution::of(tile::FinishOp op, int64_t warps) {
  return spread(op, warps);
}

int64_t Distribution::rowsOfThread(int64_t rows) const {
  // Of a lone lower half, nobody holds the upper one.
  if (rows <= laneRows)
    return 1;
  return llvm::divideCeil(blocks(rows), warps) * halves;
}

int64_t Distribution::coveredRows(int64_t rows) const {
  if (rows <= laneRows)
    return laneRows;
  return llvm::divideCeil(blocks(rows), warps) * owners(rows) * blockRows();
}

int64_t Distribution::registers(RankedTensorType type, Layout layout) const {
  switch (layout) {
  case Layout::Matrix:
    return rowsOfThread(type.getDimSize(0)) * width *
           stepsOfThread(type.getDimSize(1));
  case Layout::Rows:
    return rowsOfThread(type.getDimSize(0));
  case Layout::Columns:
    return stepsOfThread(type.getDimSize(0)) * width;
  }
  llvm_unreachable("no such layout");
}

} // namespace heed::nvgpu
