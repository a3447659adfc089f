//===- DeviceCodeTest.cpp - The form of PTX kernels -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// What heed-c/Package.h demands of a kernel.
TEST(DeviceCode, KernelsHaveTheFormOfPackages) {
  std::string ptx = ptxOf(readTest("dialects/tile/kernels.mlir"));
  EXPECT_EQ(countOf(ptx, ".visible .entry "), 3u);
  EXPECT_NE(ptx.find(".visible .entry attention("), std::string::npos);
  // Nine words.
  EXPECT_NE(ptx.find(".param .align 8 .b8 attention_param_0[72]"),
            std::string::npos);
  EXPECT_EQ(countOf(ptx, ".reqntid 128"), 3u);
  EXPECT_EQ(countOf(ptx, ".extern .shared .align 1024 .b8"), 1u);
  EXPECT_NE(ptx.find(".target sm_80"), std::string::npos);
  EXPECT_NE(ptx.find(".version 8.0"), std::string::npos);
  // No calls, no local memory.
  EXPECT_EQ(countOf(ptx, "call"), 0u);
  EXPECT_EQ(countOf(ptx, ".local"), 0u);
}

TEST(DeviceCode, AKernelWithoutArguments) {
  std::string ptx = ptxOf("tile.kernel @idle() grid(1) { tile.return }");
  EXPECT_NE(ptx.find(".visible .entry idle("), std::string::npos);
  EXPECT_NE(ptx.find(".reqntid 32"), std::string::npos);
}

} // namespace
