//===- MBarrier.h - Barriers that also count bytes ------------ -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_MBARRIER_H
#define HEED_TEST_EMULATOR_MBARRIER_H

#include "test/emulator/Machine.h"

namespace heed::ptx {

/// Returns the mbarrier at the address of a lane, and where it is in shared
/// memory; null after an error.
MBarrier *findMBarrier(Warp &warp, const Operand &operand, int lane,
                       uint64_t &offset);

/// Starts the next phase if nothing of this one is awaited any more.
void endPhaseIfComplete(Block &block, MBarrier &barrier);

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_MBARRIER_H
