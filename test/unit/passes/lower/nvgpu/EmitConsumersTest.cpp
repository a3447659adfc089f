//===- EmitConsumersTest.cpp - Pipelined attention against doubles --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/AttentionKernels.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace heed;
using namespace heed::test;

namespace {

/// Weights are rounded to bf16 before they meet the values, outputs are rounded
/// once: 2^-9 each.
constexpr double kRoundings = 4e-3;

void expectRight(const AttentionCase &shape) {
  GpuImage image = compileAttention(shape);
  ASSERT_TRUE(image.reports.front().isPipeline)
      << image.reports.front().whyPortable;
  for (uint64_t seed : {1, 2}) {
    AttentionError error = runAttention(shape, image, image.ptx, seed);
    EXPECT_EQ(error.fault, "");
    EXPECT_LT(error.output, kRoundings) << "seed " << seed;
    EXPECT_LT(error.lse, 1e-5) << "seed " << seed;
  }
}

TEST(EmitConsumers, Causal) {
  AttentionCase shape;
  for (int64_t width : {64, 128})
    for (int64_t size : {1, 130, 384}) {
      shape.width = width;
      shape.queries = shape.keys = size;
      expectRight(shape);
    }
}

TEST(EmitConsumers, Full) {
  AttentionCase shape;
  shape.mask = "<>";
  shape.sees = [](int64_t at, int64_t) { return at >= 0; };
  for (int64_t width : {64, 128})
    for (int64_t keys : {5, 176, 500}) {
      shape.width = width;
      shape.keys = keys;
      shape.queries = 129;
      expectRight(shape);
    }
}

} // namespace
