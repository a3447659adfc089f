//===- DeviceHopperTest.cpp - Instructions of sm_90a in PTX ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/AttentionKernels.h"
#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::test;

namespace {

/// Heads of 128, 128 queries in two groups, steps of 176 keys.
TEST(DeviceHopper, ProductsAndCopiesOfAPipeline) {
  AttentionCase shape;
  shape.width = 128;
  std::string ptx = compileAttention(shape).ptx;
  // Scores are 8 steps deep, outputs 11: before, in and behind the loop.
  EXPECT_EQ(countOf(ptx, "m64n176k16.f32.bf16.bf16"), 2 * 8u);
  EXPECT_EQ(countOf(ptx, "m64n128k16.f32.bf16.bf16"), 2 * 11u);
  // The first scores begin anew, all else adds: B by rows for outputs only.
  EXPECT_EQ(countOf(ptx, "begin, 1, 1, 0, 0;"), 2u);
  EXPECT_EQ(countOf(ptx, "more, 1, 1, 1;"), 2 * 11u);
  EXPECT_EQ(countOf(ptx, "wgmma.fence"), 4u);
  EXPECT_EQ(countOf(ptx, "wgmma.commit_group"), 4u);
  EXPECT_EQ(countOf(ptx, "wgmma.wait_group.sync.aligned 1;"), 1u);
  EXPECT_EQ(countOf(ptx, "wgmma.wait_group.sync.aligned 0;"), 3u);
  // Two boxes each of queries, of keys (twice) and of values.
  EXPECT_EQ(countOf(ptx, "cp.async.bulk.tensor.3d"), 2 * 4u);
  EXPECT_EQ(countOf(ptx, "mbarrier.init"), 2 + 4 * 2u);
  EXPECT_EQ(countOf(ptx, "setmaxnreg.dec.sync.aligned.u32"), 1u);
  EXPECT_EQ(countOf(ptx, "setmaxnreg.inc.sync.aligned.u32"), 1u);
  EXPECT_EQ(countOf(ptx, "atom.global.add.u32"), 1u);
  EXPECT_EQ(countOf(ptx, ".reqntid 384"), 1u);
  EXPECT_EQ(countOf(ptx, ".minnctapersm 1"), 1u);
  EXPECT_EQ(countOf(ptx, ".maxnreg"), 0u);
  // Words, padded, and three maps.
  EXPECT_EQ(countOf(ptx, ".param .align 64 .b8 attention_kernel_param_0[448]"),
            1u);
}

} // namespace
