//===- Access.h - A tile's place in memory ----------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What loads, stores and copies know of a tile in a view.
///
/// Not for use outside passes/lower/nvgpu.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_ACCESS_H
#define HEED_PASSES_LOWER_NVGPU_ACCESS_H

#include "passes/lower/nvgpu/KernelEmitter.h"

namespace heed::nvgpu {

struct KernelEmitter::Access {
  View view;
  int64_t rows = 1;
  int64_t columns = 1;
  /// Where the tile begins; no row in 1-D and where rows are given one by one.
  mlir::Value row, column;
  bool rowInside = true;
  bool columnInside = true;
  /// Neighbours in a row that lie together, at a multiple of their bytes.
  int64_t together = 1;

  int64_t elementBytes() const {
    return view.element.getIntOrFloatBitWidth() / 8;
  }
};

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_ACCESS_H
