//===- Arena.h - Where temporaries lie --------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Places the temporaries of an entry in one piece of memory so that those
/// which live at the same time do not overlap.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_ARENA_H
#define HEED_RUNTIME_ARENA_H

#include "runtime/Arithmetic.h"
#include "runtime/Package.h"
#include "runtime/Status.h"

#include <cstdint>
#include <vector>

namespace heed {

/// The alignment of temporaries.
inline constexpr int64_t arenaAlignment = 64;

struct ArenaLayout {
  std::vector<int64_t> offsets; ///< Of each buffer, in their order.
  int64_t bytes = 0;            ///< Of all.
};

/// Places `buffers` for a step of `sizes`: the largest first, each at the
/// lowest offset that is free during its life. Fails with HEED_OUT_OF_MEMORY
/// if the sizes overflow.
Status placeBuffers(Table<heed_package_buffer> buffers, const StepSizes &sizes,
                    ArenaLayout &layout);

} // namespace heed

#endif // HEED_RUNTIME_ARENA_H
