//===- DeviceTest.cpp - Instructions that kernels are made of -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// Attention of bf16: 64 queries, steps of 64 keys, 64 wide.
TEST(Device, ProductsOfNarrowTilesRunOnTheMatrixUnit) {
  std::string ptx = ptxOf(readTest("dialects/tile/forms.mlir"));
  std::string listed = ptx.substr(0, ptx.find(".entry scan"));
  std::string scan = ptx.substr(listed.size());
  // 4 steps in depth by 8 blocks of columns, for a warp's 16 rows; twice.
  EXPECT_EQ(countOf(listed, "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16"),
            64u);
  // Two blocks of columns by one load; keys as they lie, values transposed;
  // the queries once a step in depth, the weights from registers.
  EXPECT_EQ(countOf(listed, "ldmatrix.sync.aligned.m8n8.x4.trans.shared"), 16u);
  EXPECT_EQ(countOf(listed, "ldmatrix.sync.aligned.m8n8.x4.shared"), 20u);
  EXPECT_GT(countOf(listed, "cp.async.cg.shared.global"), 8u);
  EXPECT_GT(countOf(listed, "cp.async.wait_group"), 1u);
  EXPECT_GT(countOf(listed, "shfl.sync.bfly"), 7u);
  EXPECT_GT(countOf(listed, "ex2.approx.ftz.f32"), 31u);
  EXPECT_GT(countOf(listed, "bar"), 1u);
  EXPECT_EQ(countOf(listed, "fma.rn.f32"), 0u);
  // Products of f32 are exact ones.
  EXPECT_EQ(countOf(scan, "mma.sync"), 0u);
  EXPECT_EQ(countOf(scan, "ex2.approx"), 0u);
  EXPECT_GT(countOf(scan, "fma.rn.f32"), 100u);
}

} // namespace
