//===- CpuKernels.h - Images for the CPU in tests ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_CPU_CPUKERNELS_H
#define HEED_TEST_UNIT_PASSES_LOWER_CPU_CPUKERNELS_H

#include "passes/lower/cpu/CompileKernels.h"
#include "test/unit/passes/lower/kernel/KernelHarness.h"

namespace heed::test {

/// What `text` compiles to. Aborts the test program if it does not.
KernelImage imageOf(const std::string &text, const std::string &cpu);

} // namespace heed::test

#endif // HEED_TEST_UNIT_PASSES_LOWER_CPU_CPUKERNELS_H
