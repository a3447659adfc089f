//===- EmitPartsTest.cpp - Steps that warps share out ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Whole numbers, which no order of additions changes, must come out equal. In
/// the text of the kernel faults are planted; each is found.
///
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Faults.h"
#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

constexpr int64_t rows = 4, depth = 16, columns = 8;

/// Over the visited steps: the sum of x * w_i, its highest number by row, the
/// number of the last step, whether there was one, and how many. Behind them,
/// what the warps had computed alike: x once more, and a product of the sum.
const char *const text = R"(
!x = memref<4x16x$E, strided<[16, 1], offset: ?>>
!w = memref<?x8x$E, strided<[8, 1], offset: ?>>
!y = memref<4x8xf32, strided<[8, 1], offset: ?>>
!h = memref<4xf32, strided<[1], offset: ?>>
tile.kernel @sum(%x: memref<?x$E>, %w: memref<?x$E>, %skip: memref<?xi32>,
                 %y: memref<?xf32>, %z: memref<?xi32>, %n: index) grid(1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c2 = arith.constant 2 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c64 = arith.constant 64 : index
  %none = arith.constant 0 : i32
  %one = arith.constant 1 : i32
  %no = arith.constant false
  %yes = arith.constant true
  %size = arith.muli %n, %c16 : index
  %xv = tile.view %x[%c0] sizes [4, 16] strides [16, 1] : memref<?x$E> to !x
  %wv = tile.view %w[%c0] sizes [%size, 8] strides [8, 1] : memref<?x$E> to !w
  %yv = tile.view %y[%c0] sizes [4, 8] strides [8, 1] : memref<?xf32> to !y
  %hv = tile.view %y[%c32] sizes [4] strides [1] : memref<?xf32> to !h
  %pv = tile.view %y[%c64] sizes [4, 8] strides [8, 1] : memref<?xf32> to !y
  %xt = tile.load %xv[%c0, %c0] : !x -> tensor<4x16x$E>
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %low = arith.constant dense<-1000.0> : tensor<4xf32>
  %s, %h, %l, %a, %k = tile.stream (%c0 to %n step %c1)
      carry(%zero, %low, %c0, %no, %none
          : tensor<4x8xf32>, tensor<4xf32>, index, i1, i32)
  where (%i: index) {
    %m = memref.load %skip[%i] : memref<?xi32>
    %go = arith.cmpi eq, %m, %none : i32
    tile.yield %go : i1
  }
  load (%i: index) {
    %row = arith.muli %i, %c16 : index
    %t = tile.load %wv[%row, %c0] : !w -> tensor<16x8x$E>
    tile.yield %t : tensor<16x8x$E>
  }
  body (%i: index, %t: tensor<16x8x$E>, %s: tensor<4x8xf32>,
        %h: tensor<4xf32>, %l: index, %a: i1, %k: i32) {
    %p = tile.mma %xt, %t, %zero
        : tensor<4x16x$E>, tensor<16x8x$E>, tensor<4x8xf32>
    %u = arith.addf %s, %p : tensor<4x8xf32>
    %r = tile.reduce <max> %p over 1 : tensor<4x8xf32> -> tensor<4xf32>
    %v = arith.maximumf %h, %r : tensor<4xf32>
    %f = arith.maxui %l, %i : index
    %c = arith.addi %k, %one : i32
    tile.yield %u, %v, %f, %yes, %c
        : tensor<4x8xf32>, tensor<4xf32>, index, i1, i32
  }
  combine (%s0: tensor<4x8xf32>, %h0: tensor<4xf32>, %l0: index, %a0: i1,
           %k0: i32, %s1: tensor<4x8xf32>, %h1: tensor<4xf32>, %l1: index,
           %a1: i1, %k1: i32) {
    %u = arith.addf %s0, %s1 : tensor<4x8xf32>
    %v = arith.maximumf %h0, %h1 : tensor<4xf32>
    %f = arith.maxui %l0, %l1 : index
    %b = arith.ori %a0, %a1 : i1
    %c = arith.addi %k0, %k1 : i32
    tile.yield %u, %v, %f, %b, %c
        : tensor<4x8xf32>, tensor<4xf32>, index, i1, i32
  }
  tile.store %s, %yv[%c0, %c0] : tensor<4x8xf32>, !y
  tile.store %h, %hv[%c0] : tensor<4xf32>, !h
  %last = arith.index_cast %l : index to i32
  %any = arith.extui %a : i1 to i32
  memref.store %last, %z[%c0] : memref<?xi32>
  memref.store %any, %z[%c1] : memref<?xi32>
  memref.store %k, %z[%c2] : memref<?xi32>
  %half = arith.constant dense<0.5> : tensor<8x8xf32>
  %q = tile.mma %s, %half, %s
      : tensor<4x8xf32>, tensor<8x8xf32>, tensor<4x8xf32>
  tile.store %q, %pv[%c0, %c0] : tensor<4x8xf32>, !y
  tile.return
})";

std::string kernelOf(const char *element) {
  return fill(text, {{"$E", element}});
}

/// One launch: what the kernel reads, and what it should write.
struct Problem {
  explicit Problem(const std::vector<int32_t> &skipped) : skip(skipped) {
    int64_t n = static_cast<int64_t>(skip.size());
    for (int64_t i = 0; i < rows * depth; ++i)
      x.push_back(static_cast<float>(i * 7 % 11) - 5);
    for (int64_t i = 0; i < std::max<int64_t>(n, 1) * depth * columns; ++i)
      w.push_back(static_cast<float>(i * 31 % 17) - 8);
    std::fill_n(want.begin(), rows * columns, 0.0f);
    std::fill_n(want.begin() + 32, rows, -1000.0f);
    for (int64_t i = 0; i < n; ++i)
      if (!skip[i])
        add(i);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c) {
        float all = want[r * columns + c];
        for (int64_t k = 0; k < columns; ++k)
          all += 0.5f * want[r * columns + k];
        want[64 + r * columns + c] = all;
      }
    skip.push_back(0);
  }

  std::vector<float> x, w;
  std::vector<int32_t> skip;
  std::vector<float> want = std::vector<float>(96, 7);
  std::vector<int32_t> wantNumbers = {0, 0, 0};

private:
  void add(int64_t step) {
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t c = 0; c < columns; ++c) {
        float sum = 0;
        for (int64_t k = 0; k < depth; ++k)
          sum += x[r * depth + k] * w[(step * depth + k) * columns + c];
        want[r * columns + c] += sum;
        want[32 + r] = std::max(want[32 + r], sum);
      }
    wantNumbers = {static_cast<int32_t>(step), 1, wantNumbers[2] + 1};
  }
};

/// No step, fewer than warps, one warp without any, rings that go round.
std::vector<std::vector<int32_t>> schedules() {
  return {{},
          {0},
          {1},
          {0, 0, 0},
          {0, 0, 0, 0, 0},
          {0, 1, 0, 0, 0, 1, 0, 0, 0},
          {1, 1, 1, 1, 1, 1, 1, 0},
          std::vector<int32_t>(37, 0)};
}

TEST(NvgpuParts, EveryVisitedStepCountsOnce) {
  for (const char *element : {"f32", "bf16"}) {
    Kernels kernels(kernelOf(element), "sm_80");
    bool isNarrow = std::string(element) == "bf16";
    for (const std::vector<int32_t> &skip : schedules()) {
      Problem p(skip);
      std::vector<float> y(96, 7);
      std::vector<int32_t> z(3, 7);
      std::vector<uint16_t> x16 = toBF16(p.x), w16 = toBF16(p.w);
      kernels.run("sum",
                  {isNarrow ? Word(x16) : Word(p.x),
                   isNarrow ? Word(w16) : Word(p.w), p.skip, y, z,
                   static_cast<int64_t>(skip.size())},
                  1);
      EXPECT_EQ(y, p.want) << element << ", " << skip.size() << " steps";
      EXPECT_EQ(z, p.wantNumbers) << element << ", " << skip.size();
    }
  }
}

heed::GpuImage image(const char *element) {
  heed::GpuTarget target;
  target.assemble = false;
  return imageOf(kernelOf(element), target);
}

TEST(NvgpuParts, WarpsAndRings) {
  heed::GpuImage narrow = image("bf16");
  EXPECT_EQ(narrow.kernels[0].threads, 128);
  EXPECT_EQ(narrow.reports[0].stages, 3);
}

const heed::ptx::test::Fault faults[] = {
    {"no wait for copies", "cp.async.wait_group \t1;", ""},
    {"a wait for too few copies", "cp.async.wait_group \t1;",
     "cp.async.wait_group \t2;"},
    {"no wait for what was loaded before", "cp.async.wait_group \t2;", ""},
    {"no barrier behind that wait", "bar.sync \t0;", "", 2},
    {"a barrier of one warp behind that wait", "bar.sync \t0;",
     "bar.warp.sync \t-1;", 2},
    {"no barrier behind cleared padding", "bar.warp.sync \t-1;", "", 1},
    {"no barrier behind the wait", "bar.warp.sync \t-1;", "", 2},
    {"a barrier of all warps in the loop", "bar.warp.sync \t-1;",
     "bar.sync \t0;", 2},
    {"carried numbers where a ring is still read", "bar.sync \t0;", "", 4},
    {"carried numbers read too early", "bar.sync \t0;", "", 5},
    {"a barrier of one warp before they are read", "bar.sync \t0;",
     "bar.warp.sync \t-1;", 5},
};

/// Runs a text of the kernel for bf16; returns what is wrong, or nothing.
std::string runText(const std::string &ptx, int64_t sharedBytes,
                    uint64_t seed) {
  Problem p(std::vector<int32_t>(21, 0));
  std::vector<float> y(96, 7);
  std::vector<int32_t> z(3, 7);
  std::vector<uint16_t> x = toBF16(p.x), w = toBF16(p.w);
  heed::ptx::Module module;
  if (heed::Status error = module.parse(ptx))
    return error.message();
  heed::ptx::Memory memory;
  std::vector<int64_t> words;
  for (Word word : {Word(x), Word(w), Word(p.skip), Word(y), Word(z)}) {
    memory.add(reinterpret_cast<const void *>(word.value), word.bytes);
    words.push_back(word.value);
  }
  words.push_back(21);
  heed::GpuImage code = image("bf16");
  if (heed::Status error = module.launch(
          "sum", 1, 128, code.kernels[0].scratchBytes, words, memory, {seed}))
    return error.message();
  return y == p.want && z == p.wantNumbers ? "" : "wrong result";
}

TEST(NvgpuParts, EveryFaultIsFoundOnEverySeed) {
  heed::GpuImage code = image("bf16");
  auto run = [&](const std::string &ptx, uint64_t seed) {
    return runText(ptx, code.kernels[0].scratchBytes, seed);
  };
  for (uint64_t seed = 1; seed != 9; ++seed)
    EXPECT_EQ(run(code.ptx, seed), "");
  heed::ptx::test::expectFound(code.ptx, faults, run);
}

/// Sums that depend on the order of additions.
TEST(NvgpuParts, SameBitsInEachRun) {
  heed::GpuImage code = image("f32");
  heed::ptx::Module module;
  ASSERT_FALSE(module.parse(code.ptx));
  std::vector<int32_t> skip(24, 0), z(3);
  std::vector<float> x = randomFloats(rows * depth, 1);
  std::vector<float> w = randomFloats(23 * depth * columns, 2), first;
  for (uint64_t seed = 1; seed != 9; ++seed) {
    std::vector<float> y(96);
    heed::ptx::Memory memory;
    std::vector<int64_t> words;
    for (Word word : {Word(x), Word(w), Word(skip), Word(y), Word(z)}) {
      memory.add(reinterpret_cast<const void *>(word.value), word.bytes);
      words.push_back(word.value);
    }
    words.push_back(23);
    ASSERT_FALSE(module.launch("sum", 1, 128, code.kernels[0].scratchBytes,
                               words, memory, {seed}));
    first = seed == 1 ? y : first;
    EXPECT_EQ(y, first) << "seed " << seed;
  }
}

} // namespace
