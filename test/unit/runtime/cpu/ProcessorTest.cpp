//===- ProcessorTest.cpp - Tests of runtime/cpu/Processor -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/Processor.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

/// The compiler's own view of the processor.
std::string builtinTarget() {
  bool v3 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") &&
            __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  bool v4 = v3 && __builtin_cpu_supports("avx512f") &&
            __builtin_cpu_supports("avx512bw") &&
            __builtin_cpu_supports("avx512dq") &&
            __builtin_cpu_supports("avx512vl") &&
            __builtin_cpu_supports("avx512cd");
  return v4 ? "x86-64-v4" : v3 ? "x86-64-v3" : "x86-64";
}

TEST(ProcessorTest, AgreesWithTheCompiler) {
  EXPECT_EQ(processorTarget(), builtinTarget());
}

TEST(ProcessorTest, RunsWhatItCan) {
  bool v4 = processorTarget() == "x86-64-v4";
  EXPECT_EQ(checkTarget("x86-64-v4").code(), v4 ? HEED_OK : HEED_BAD_PACKAGE);
  EXPECT_EQ(checkTarget("x86-64-v3").code(), HEED_OK);
}

TEST(ProcessorTest, OtherTargetsAreNamed) {
  for (const char *target : {"sm_90a", "x86-64-v5", "aarch64", "x86-64-v3 "}) {
    Status error = checkTarget(target);
    EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
    EXPECT_EQ(error.message(), std::string("made for ") + target +
                                   ", device cpu runs x86-64-v3 and x86-64-v4 "
                                   "packages");
  }
}

} // namespace
