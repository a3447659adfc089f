//===- Mma.cpp - Products of fragments ------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// mma.sync of a 16 x k and a k x 8 matrix. With e elements per register, lane
/// l holds of A, in register i, row l / 4 + 8 (i % 2) and columns e (l % 4) +
/// 4 e (i / 2) on; of B, in register i, rows e (l % 4) + 4 e i on and column
/// l / 4; of the sums row l / 4 and, 8 below, columns 2 (l % 4) and the next.
/// Products are summed in double and rounded once.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"

namespace heed::ptx {

namespace {

enum Element { IsBf16, IsF16, IsTf32 };

int elementsPerRegister(int32_t element) { return element == IsTf32 ? 1 : 2; }

double elementOf(uint64_t row, int32_t element, int at) {
  uint16_t half = uint16_t(row >> (16 * at));
  return element == IsTf32  ? as<float>(row & 0xffffe000)
         : element == IsF16 ? f16ToDouble(half)
                            : bf16ToDouble(half);
}

struct Fragments {
  double a[16][16] = {}, b[16][8] = {}, sums[16][8] = {};
  int depth = 0;
};

void loadOperands(const Warp &warp, const Instruction &instruction,
                  Fragments &out) {
  int32_t element = instruction.variant[0];
  const std::vector<int> &a = instruction.operands[1].rows;
  const std::vector<int> &b = instruction.operands[2].rows;
  int e = elementsPerRegister(element);
  out.depth = 4 * e * int(b.size());
  for (int lane = 0; lane != 32; ++lane)
    for (int at = 0; at != e; ++at) {
      int row = lane / 4, column = e * (lane % 4) + at;
      for (int i = 0; i != int(a.size()); ++i)
        out.a[row + 8 * (i % 2)][column + 4 * e * (i / 2)] =
            elementOf(warp.rows[a[i]][lane], element, at);
      for (int i = 0; i != int(b.size()); ++i)
        out.b[column + 4 * e * i][row] =
            elementOf(warp.rows[b[i]][lane], element, at);
    }
}

/// Calls `f(lane, register, half, element)` for every sum. With f32 sums there
/// are four registers, with f16 sums two of two.
template <typename F> void forEachSum(Fragments &out, bool isHalf, F f) {
  for (int lane = 0; lane != 32; ++lane)
    for (int i = 0; i != 4; ++i)
      f(lane, isHalf ? i / 2 : i, isHalf ? i % 2 : 0,
        out.sums[lane / 4 + 8 * (i / 2)][2 * (lane % 4) + i % 2]);
}

/// variant: type of the elements, whether sums are f16, registers of B.
Outcome multiply(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  auto registers = [&](int i) { return instruction.operands[i].rows.size(); };
  bool isHalf = instruction.variant[1] != 0;
  size_t sums = isHalf ? 2 : 4, b = size_t(instruction.variant[2]);
  if (lanes != allLanes || registers(0) != sums || registers(1) != 2 * b ||
      registers(2) != b || registers(3) != sums)
    return warp.fail("wants a whole warp and %zu, %zu, %zu, %zu registers",
                     sums, 2 * b, b, sums);
  Fragments fragments;
  loadOperands(warp, instruction, fragments);
  const std::vector<int> &from = instruction.operands[3].rows;
  forEachSum(fragments, isHalf, [&](int lane, int i, int half, double &sum) {
    uint64_t row = warp.rows[from[i]][lane];
    sum = isHalf ? f16ToDouble(uint16_t(row >> (16 * half))) : as<float>(row);
  });
  for (int row = 0; row != 16; ++row)
    for (int k = 0; k != fragments.depth; ++k)
      for (int column = 0; column != 8; ++column)
        fragments.sums[row][column] +=
            fragments.a[row][k] * fragments.b[k][column];
  const std::vector<int> &to = instruction.operands[0].rows;
  forEachSum(fragments, isHalf, [&](int lane, int i, int half, double &sum) {
    uint64_t &row = warp.rows[to[i]][lane];
    uint64_t kept = half ? row & 0xffff : 0;
    row = isHalf ? kept | uint64_t(doubleToF16(sum)) << (16 * half)
                 : bits(float(sum));
  });
  ++warp.block->launch.counts.products;
  return Outcome::Next;
}

} // namespace

void addMmaInstructions(Table &table) {
  std::string stem = "mma.sync.aligned.m16n8k";
  for (int k : {8, 16}) {
    std::string shape = stem + std::to_string(k) + ".row.col";
    table.add(shape + ".f32.bf16.bf16.f32",
              {multiply, 1, 4, 0, {IsBf16, 0, k / 8}});
    table.add(shape + ".f32.f16.f16.f32",
              {multiply, 1, 4, 0, {IsF16, 0, k / 8}});
    table.add(shape + ".f16.f16.f16.f16",
              {multiply, 1, 4, 0, {IsF16, 1, k / 8}});
  }
  for (int k : {4, 8})
    table.add(stem + std::to_string(k) + ".row.col.f32.tf32.tf32.f32",
              {multiply, 1, 4, 0, {IsTf32, 0, k / 4}});
}

} // namespace heed::ptx
