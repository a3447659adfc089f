//===- EmitFinishTest.cpp - What the last of several programs does --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Many launches of one module, since counters are those of the launch before.
/// Whole numbers, which no order of additions changes, must come out equal. In
/// the text of the kernel faults are planted; each is found, but for the order
/// of memory: programs run one after the other here.
///
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Faults.h"
#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

constexpr int64_t programs = 3, rows = 4, depth = 16, columns = 8;
constexpr int64_t outputs = rows * columns + rows;

/// Program p of several parts: the sum over the steps i of x * w_i, and its
/// highest number by row, each part having every parts-th step. The body uses
/// tiles of outside: a factor for each column, and a constant.
const char *const text = R"(
!x = memref<4x16xbf16, strided<[16, 1], offset: ?>>
!w = memref<?x8xbf16, strided<[8, 1], offset: ?>>
!y = memref<4x8xf32, strided<[8, 1], offset: ?>>
!h = memref<4xf32, strided<[1], offset: ?>>
tile.kernel @sum(%x: memref<?xbf16>, %w: memref<?xbf16>, %y: memref<?xf32>,
                 %space: memref<?xf32>, %n: index, %parts: index)
    grid(3, %parts by 1) {
  %c0 = arith.constant 0 : index
  %c1 = arith.constant 1 : index
  %c16 = arith.constant 16 : index
  %c32 = arith.constant 32 : index
  %c36 = arith.constant 36 : index
  %c64 = arith.constant 64 : index
  %program = tile.program_id 0
  %part = tile.program_id 1
  %size = arith.muli %n, %c16 : index
  %first = arith.muli %program, %c64 : index
  %xv = tile.view %x[%first] sizes [4, 16] strides [16, 1]
      : memref<?xbf16> to !x
  %wv = tile.view %w[%c0] sizes [%size, 8] strides [8, 1]
      : memref<?xbf16> to !w
  %xt = tile.load %xv[%c0, %c0] : !x -> tensor<4x16xbf16>
  %zero = arith.constant dense<0.0> : tensor<4x8xf32>
  %half = arith.constant dense<0.5> : tensor<4x8xf32>
  %numbers = tile.iota %c1 : tensor<8xi32>
  %weights = arith.sitofp %numbers : tensor<8xi32> to tensor<8xf32>
  %factors = tile.broadcast %weights over 0 : tensor<8xf32> -> tensor<4x8xf32>
  %s = tile.stream (%part to %n step %parts) carry(%zero : tensor<4x8xf32>)
  load (%i: index) {
    %row = arith.muli %i, %c16 : index
    %t = tile.load %wv[%row, %c0] : !w -> tensor<16x8xbf16>
    tile.yield %t : tensor<16x8xbf16>
  }
  body (%i: index, %t: tensor<16x8xbf16>, %a: tensor<4x8xf32>) {
    %p = tile.mma %xt, %t, %a
        : tensor<4x16xbf16>, tensor<16x8xbf16>, tensor<4x8xf32>
    tile.yield %p : tensor<4x8xf32>
  }
  combine (%a: tensor<4x8xf32>, %b: tensor<4x8xf32>) {
    %c = arith.addf %a, %b : tensor<4x8xf32>
    tile.yield %c : tensor<4x8xf32>
  }
  %begin = arith.muli %program, %parts : index
  %place = arith.addi %begin, %part : index
  %at = arith.muli %place, %c32 : index
  %mine = tile.view %space[%at] sizes [4, 8] strides [8, 1]
      : memref<?xf32> to !y
  tile.store %s, %mine[%c0, %c0] : tensor<4x8xf32>, !y
  tile.finish %program of %parts {
    %all = scf.for %i = %c0 to %parts step %c1 iter_args(%a = %zero)
        -> tensor<4x8xf32> {
      %k = arith.addi %begin, %i : index
      %o = arith.muli %k, %c32 : index
      %other = tile.view %space[%o] sizes [4, 8] strides [8, 1]
          : memref<?xf32> to !y
      %t = tile.load %other[%c0, %c0] : !y -> tensor<4x8xf32>
      %b = arith.addf %a, %t : tensor<4x8xf32>
      scf.yield %b : tensor<4x8xf32>
    }
    %o = arith.muli %program, %c36 : index
    %p = arith.addi %o, %c32 : index
    %yv = tile.view %y[%o] sizes [4, 8] strides [8, 1] : memref<?xf32> to !y
    %hv = tile.view %y[%p] sizes [4] strides [1] : memref<?xf32> to !h
    %f = arith.mulf %all, %factors : tensor<4x8xf32>
    %g = arith.addf %f, %half : tensor<4x8xf32>
    %h = tile.reduce <max> %g over 1 : tensor<4x8xf32> -> tensor<4xf32>
    tile.store %g, %yv[%c0, %c0] : tensor<4x8xf32>, !y
    tile.store %h, %hv[%c0] : tensor<4xf32>, !h
  }
  tile.return
})";

/// What the kernel reads, and what it should write.
struct Problem {
  explicit Problem(int64_t steps) : steps(steps) {
    std::mt19937 random(1);
    x = heed::ptx::test::makeMatrix(programs * rows * depth, random);
    w = heed::ptx::test::makeMatrix((steps + 1) * depth * columns, random);
    for (int64_t p = 0; p < programs; ++p)
      for (int64_t r = 0; r < rows; ++r)
        addRow(p, r);
  }

  int64_t steps;
  std::vector<uint16_t> x, w;
  std::vector<float> want = std::vector<float>(programs * outputs);

private:
  void addRow(int64_t p, int64_t r) {
    float highest = -1e9f;
    for (int64_t c = 0; c < columns; ++c) {
      float sum = 0;
      for (int64_t k = 0; k < steps * depth; ++k)
        sum += heed::bf16ToFloat(x[(p * rows + r) * depth + k % depth]) *
               heed::bf16ToFloat(w[k * columns + c]);
      sum = sum * float(c + 1) + 0.5f;
      want[p * outputs + r * columns + c] = sum;
      highest = std::max(highest, sum);
    }
    want[p * outputs + rows * columns + r] = highest;
  }
};

heed::GpuImage image() {
  heed::GpuTarget target;
  target.assemble = false;
  return imageOf(text, target);
}

/// Launches a text of the kernel with several numbers of parts; returns what is
/// wrong, or nothing.
std::string runText(const std::string &ptx, const heed::GpuImage &code,
                    uint64_t seed) {
  Problem p(13);
  heed::ptx::Module module;
  if (heed::Status error = module.parse(ptx))
    return error.message();
  for (int64_t parts : {1, 2, 5, 5, 20, 3}) {
    std::vector<float> y(p.want.size(), 7);
    std::vector<float> space(programs * parts * rows * columns, 7);
    heed::ptx::Memory memory;
    std::vector<int64_t> words;
    for (Word word : {Word(p.x), Word(p.w), Word(y), Word(space)}) {
      memory.add(reinterpret_cast<const void *>(word.value), word.bytes);
      words.push_back(word.value);
    }
    words.insert(words.end(), {p.steps, parts});
    if (heed::Status error = module.launch(
            "sum", programs * parts, uint32_t(code.kernels[0].threads),
            uint32_t(code.kernels[0].scratchBytes), words, memory, {seed}))
      return error.message();
    if (y != p.want)
      return "wrong result of " + std::to_string(parts) + " parts";
  }
  return "";
}

TEST(NvgpuFinish, LastPartSeesWhatAllStored) {
  heed::GpuImage code = image();
  EXPECT_EQ(code.kernels[0].threads, 128);
  EXPECT_EQ(countOf(code.ptx, "atom.acq_rel.gpu.global.add.u32"), 1u);
  EXPECT_EQ(countOf(code.ptx, "ld.global.nc"), 0u);
  for (uint64_t seed = 1; seed != 9; ++seed)
    EXPECT_EQ(runText(code.ptx, code, seed), "");
}

const heed::ptx::test::Fault faults[] = {
    {"no reset", "], 0;", "], 1;"},
    {"a count that begins again", "atom.acq_rel.gpu.global.add.u32",
     "atom.acq_rel.gpu.global.exch.b32"},
    {"counts by two", "], 1;", "], 2;"},
    {"an answer that is read too early", "bar.sync \t0;", "", 8},
    {"an answer for one warp", "bar.sync \t0;", "bar.warp.sync \t-1;", 8},
};

TEST(NvgpuFinish, EveryFaultIsFoundOnEverySeed) {
  heed::GpuImage code = image();
  heed::ptx::test::expectFound(code.ptx, faults,
                               [&](const std::string &ptx, uint64_t seed) {
                                 return runText(ptx, code, seed);
                               });
}

} // namespace
