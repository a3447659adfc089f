//===- Pipeline.h - Streams that warp groups share out ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The template for Hopper. It takes streams of the shape
///
///     s   = mma query, keys^T            (keys, values: loads of the step)
///     ... = what the body makes of s and carries
///     acc = mma narrow(...), values, f(acc)
///
/// and gives them to one warp that copies and two or three warp groups that
/// compute, 64 rows each. Nothing else of a body matters: masks, caps, score
/// regions and sums are ops of it, emitted as everywhere.
///
/// Not for use outside passes/lower/nvgpu.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_PIPELINE_H
#define HEED_PASSES_LOWER_NVGPU_PIPELINE_H

#include "dialects/tile/Tile.h"
#include "passes/lower/kernel/KernelImage.h"

#include "llvm/ADT/SetVector.h"

#include <optional>
#include <string>

namespace heed::nvgpu {

/// A load that a tensor map describes: rows of `columns` elements in panels.
struct MappedLoad {
  tile::LoadOp load;
  mlir::Value panel; ///< Its number in the buffer, an `index`.
  TensorMapSlot map;

  int64_t rows() const { return map.boxRows; }
  int64_t columns() const { return map.columns; }
  int64_t bytes() const { return 2 * rows() * columns(); }
};

/// One stream.
struct PipelineStage {
  tile::StreamOp stream;
  MappedLoad keys, values;
  tile::MmaOp scores, output;
  unsigned accumulator = 0; ///< Number of the carried value.
  /// What of the body needs the accumulator, and the rounding of the weights.
  llvm::SetVector<mlir::Operation *> late;
  /// Scalars that the body makes of 1-D tiles that the step loads: whether to
  /// mask it, say. The producer computes them, by these ops, and tells.
  llvm::SmallVector<mlir::Value> told;
  llvm::SetVector<mlir::Operation *> tellers;
};

struct Pipeline {
  static constexpr int32_t groupThreads = 128;

  /// One after the other, in one block.
  llvm::SmallVector<PipelineStage> stages;
  MappedLoad query;
  int64_t consumers = 0; ///< Warp groups that compute.
  int64_t slots = 0;     ///< Of the rings of keys and of values.
  /// Whether a block takes programs one after the other: what leads to the
  /// streams is then known without the help of other warps.
  bool isPersistent = false;

  int64_t warps() const { return 4 * (consumers + 1); }
  bool takesTurns() const { return consumers > 2; }
  /// Words that are told with the keys of a step: the next step, scalars.
  int64_t noteWords() const;
};

/// Whether `load` belongs to a stream and gives a 1-D tile. Who needs that
/// loads it where it is needed.
bool isLineOfStep(tile::LoadOp load);

/// Finds the pipeline of `kernel` with `sharedBytes` to use, or says in `why`
/// what is in its way; nothing where no step has two products.
std::optional<Pipeline> findPipeline(tile::KernelOp kernel, int64_t sharedBytes,
                                     std::string &why);

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_PIPELINE_H
