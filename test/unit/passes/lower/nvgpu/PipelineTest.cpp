//===- PipelineTest.cpp - Which streams have the template -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/AttentionKernels.h"
#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

#include <map>

using namespace heed;
using namespace heed::test;

namespace {

/// Why the attention is portable; empty where it is not.
std::string whyPortable(int64_t width, const std::string &target = "sm_90a") {
  AttentionCase shape;
  shape.width = width;
  GpuImage image = compileAttention(shape, target);
  std::string why = image.reports.front().whyPortable;
  EXPECT_EQ(image.kernels.front().maps.empty(), !why.empty());
  return why;
}

TEST(Pipeline, IsOfHeadsOfWholePanels) {
  EXPECT_EQ(whyPortable(64), "");
  EXPECT_EQ(whyPortable(128), "");
  EXPECT_EQ(whyPortable(80), "keys are 80 wide, wanted 64 or 128");
  EXPECT_EQ(whyPortable(256), "keys are 256 wide, wanted 64 or 128");
}

TEST(Pipeline, IsOfHopperOnly) {
  AttentionCase shape;
  GpuImage image = compileAttention(shape, "sm_80");
  EXPECT_TRUE(image.kernels.front().maps.empty());
  EXPECT_EQ(image.reports.front().whyPortable, "");
}

TEST(Pipeline, HasMapsOfWhatItCopies) {
  GpuImage image = compileAttention({});
  const CompiledKernel &kernel = image.kernels.front();
  ASSERT_EQ(kernel.maps.size(), 3u);
  EXPECT_TRUE(kernel.isPersistent);
  // Words: batch, queries, keys, then the addresses of keys, values, queries.
  std::vector<std::vector<uint32_t>> found;
  for (const TensorMapSlot &map : kernel.maps)
    found.push_back({map.buffer, map.rows, map.columns, map.boxRows});
  std::vector<std::vector<uint32_t>> wanted = {
      {5, 1, 64, 192}, {3, 2, 64, 128}, {4, 2, 64, 128}};
  EXPECT_EQ(found, wanted);
}

/// The worked kernels have smaller tiles than warp groups take, or f32.
TEST(Pipeline, SaysWhatIsInItsWay) {
  GpuTarget target;
  target.arch = "sm_90a";
  target.assemble = false;
  GpuImage image = imageOf(readTest("dialects/tile/kernels.mlir"), target);
  std::map<std::string, std::string> reasons;
  for (size_t i = 0; i != image.kernels.size(); ++i) {
    EXPECT_TRUE(image.kernels[i].maps.empty()) << image.kernels[i].name;
    if (!image.reports[i].whyPortable.empty())
      reasons[image.kernels[i].name] = image.reports[i].whyPortable;
  }
  std::map<std::string, std::string> wanted = {
      {"attention", "keys are f32, wanted bf16"}};
  EXPECT_EQ(reasons, wanted);
}

} // namespace
