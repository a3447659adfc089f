//===- EmulatedKernels.h - Images for GPUs in tests -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_NVGPU_EMULATEDKERNELS_H
#define HEED_TEST_UNIT_PASSES_LOWER_NVGPU_EMULATEDKERNELS_H

#include "passes/lower/nvgpu/CompileKernels.h"
#include "test/unit/passes/lower/kernel/KernelHarness.h"

namespace heed::test {

/// What `text` compiles to. Aborts the test program if it does not.
GpuImage imageOf(const std::string &text, const GpuTarget &target);

/// The PTX of `text`, for sm_80.
std::string ptxOf(const std::string &text);

/// `text` with each key, such as "$M", replaced by its value.
std::string
fill(std::string text,
     const std::vector<std::pair<std::string, std::string>> &values);

/// How often `word` stands in `text`.
size_t countOf(const std::string &text, const std::string &word);

} // namespace heed::test

#endif // HEED_TEST_UNIT_PASSES_LOWER_NVGPU_EMULATEDKERNELS_H
