//===- BulkCopy.h - Copies of the engine ---------------------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_BULKCOPY_H
#define HEED_TEST_EMULATOR_BULKCOPY_H

#include "test/emulator/Machine.h"

namespace heed::ptx {

/// Starts a copy into shared memory that `lane` announces to an mbarrier.
Outcome issueLoad(Warp &warp, int lane, BulkLoad load, const Operand &barrier);

/// Starts a copy out of shared memory, in the open group of `lane`.
Outcome issueStore(Warp &warp, int lane, BulkStore store);

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_BULKCOPY_H
