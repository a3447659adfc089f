//===- EmitKernelTest.cpp - Buffers that are read and written -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

/// Stores a tile, loads it transposed by another thread's registers, adds an
/// element that one thread stores. The emulator reports a missing barrier only
/// for shared memory, so the warps' random order must do: wrong numbers.
TEST(NvgpuKernel, StoresSettleBeforeLoads) {
  Kernels kernels(R"(
    !r = memref<64x64xf32, strided<[64, 1], offset: ?>>
    !c = memref<64x64xf32, strided<[1, 64], offset: ?>>
    tile.kernel @turn(%x: memref<?xf32>, %n: index) grid(%n by 1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %size = arith.constant 4096 : index
      %p = tile.program_id 0
      %at = arith.muli %p, %size : index
      %r = tile.view %x[%at] sizes [64, 64] strides [64, 1]
          : memref<?xf32> to !r
      %c = tile.view %x[%at] sizes [64, 64] strides [1, 64]
          : memref<?xf32> to !c
      %a = tile.load %r[%c0, %c0] : !r -> tensor<64x64xf32>
      %b = arith.addf %a, %a : tensor<64x64xf32>
      tile.store %b, %c[%c0, %c0] : tensor<64x64xf32>, !c
      %last = arith.constant 4095 : index
      %end = arith.addi %at, %last : index
      %five = arith.constant 5.0 : f32
      memref.store %five, %x[%end] : memref<?xf32>
      %s = memref.load %x[%end] : memref<?xf32>
      %t = tile.load %r[%c0, %c0] : !r -> tensor<64x64xf32>
      %ss = tensor.splat %s : tensor<64x64xf32>
      %u = arith.addf %t, %ss : tensor<64x64xf32>
      tile.store %u, %r[%c0, %c0] : tensor<64x64xf32>, !r
      tile.return
    })",
                  "sm_80");
  constexpr int64_t programs = 3, size = 64;
  std::vector<float> x = randomFloats(programs * size * size, 6), y = x;
  kernels.run("turn", {y, programs}, programs);
  for (int64_t p = 0; p < programs; ++p)
    for (int64_t i = 0; i < size; ++i)
      for (int64_t j = 0; j < size; ++j) {
        bool isLast = i == size - 1 && j == size - 1;
        float turned = isLast ? 5.0f : 2 * x[(p * size + j) * size + i];
        ASSERT_EQ(y[(p * size + i) * size + j], turned + 5.0f) << i << " " << j;
      }
}

} // namespace
