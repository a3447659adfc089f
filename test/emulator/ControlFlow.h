//===- ControlFlow.h - Where divergent paths meet again ------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
#ifndef HEED_TEST_EMULATOR_CONTROLFLOW_H
#define HEED_TEST_EMULATOR_CONTROLFLOW_H

#include "test/emulator/Program.h"

namespace heed::ptx {

/// Sets `reconverge` of every branch of `code` to its nearest post-dominator:
/// the first instruction that every path from it passes, or the end.
void findReconvergence(std::vector<Instruction> &code);

/// Returns whether `instruction` ends the lanes that execute it.
bool endsLanes(const Instruction &instruction);

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_CONTROLFLOW_H
