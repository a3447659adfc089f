//===- Counts.h - Work and traffic of one step ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What an op costs: exact counts, not estimates. Turning them into time needs
/// a device, and is nobody's business here.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_COST_COUNTS_H
#define HEED_COST_COUNTS_H

#include <cstdint>

namespace heed {

/// The sizes that are dynamic in the IR, for one step. Positions are
/// contiguous: each sequence has `past` tokens, and takes `tokens` more.
struct StepSizes {
  int64_t batch = 1;
  int64_t tokens = 1;
  int64_t past = 0;
  int64_t rows = 1; ///< Rows of logits wanted of each sequence.
};

/// Work and traffic. Sums count what each op would move if it were alone:
/// fusion makes activation bytes fewer, nothing makes them more.
struct Counts {
  int64_t multiplyAdds = 0;
  int64_t weightBytes = 0;
  int64_t cacheBytesRead = 0;
  int64_t activationBytes = 0; ///< Read and written.

  Counts &operator+=(const Counts &other) {
    multiplyAdds += other.multiplyAdds;
    weightBytes += other.weightBytes;
    cacheBytesRead += other.cacheBytesRead;
    activationBytes += other.activationBytes;
    return *this;
  }
};

} // namespace heed

#endif // HEED_COST_COUNTS_H
