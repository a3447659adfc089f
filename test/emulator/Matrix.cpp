//===- Matrix.cpp - Matrices between shared memory and fragments ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// ldmatrix and stmatrix move 8 x 8 matrices of 16-bit elements. Row r of
/// matrix m lies at the address of lane 8 m + r; lane l holds the elements 2 (l
/// % 4) and 2 (l % 4) + 1 of row l / 4, or of column l / 4 with .trans.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

namespace heed::ptx {

namespace {

/// The place of an element of a matrix: a lane, and the bits of a register.
struct Place {
  int lane;
  int shift;
};

Place placeOf(int row, int column, bool isTransposed) {
  if (isTransposed)
    std::swap(row, column);
  return {row * 4 + column / 2, 16 * (column % 2)};
}

/// The address of row `row` of matrix `matrix`.
uint64_t rowAddress(Warp &warp, const Operand &operand, int matrix, int row) {
  return warp.rows[operand.rows[0]][matrix * 8 + row] +
         uint64_t(operand.offset);
}

/// variant: matrices, transposed.
Outcome loadMatrix(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  const std::vector<int> &to = instruction.operands[0].rows;
  int count = instruction.variant[0];
  if (lanes != allLanes || int(to.size()) != count)
    return warp.fail("wants a whole warp and %d registers", count);
  Lanes out[4] = {};
  for (int i = 0; i != count * 8; ++i) {
    int matrix = i / 8, row = i % 8;
    uint64_t address = rowAddress(warp, instruction.operands[1], matrix, row);
    const uint8_t *data = warp.accessShared(address, 16, -1, Use::Read);
    if (!data)
      return Outcome::Failed;
    for (int column = 0; column != 8; ++column) {
      Place place = placeOf(row, column, instruction.variant[1] != 0);
      uint16_t element;
      std::memcpy(&element, data + 2 * column, 2);
      out[matrix][place.lane] |= uint64_t(element) << place.shift;
    }
  }
  for (int matrix = 0; matrix != count; ++matrix)
    if (to[matrix] >= 0)
      warp.rows[to[matrix]] = out[matrix];
  return Outcome::Next;
}

Outcome storeMatrix(Warp &warp, const Instruction &instruction,
                    uint32_t lanes) {
  const std::vector<int> &from = instruction.operands[1].rows;
  int count = instruction.variant[0];
  if (lanes != allLanes || int(from.size()) != count)
    return warp.fail("wants a whole warp and %d registers", count);
  for (int i = 0; i != count * 8; ++i) {
    int matrix = i / 8, row = i % 8;
    uint16_t elements[8];
    for (int column = 0; column != 8; ++column) {
      Place place = placeOf(row, column, instruction.variant[1] != 0);
      elements[column] =
          uint16_t(warp.rows[from[matrix]][place.lane] >> place.shift);
    }
    uint64_t address = rowAddress(warp, instruction.operands[0], matrix, row);
    uint8_t *data = warp.accessShared(address, 16, -1, Use::Write, elements);
    if (!data)
      return Outcome::Failed;
    std::memcpy(data, elements, 16);
  }
  return Outcome::Next;
}

} // namespace

void addMatrixInstructions(Table &table) {
  for (int count : {1, 2, 4})
    for (bool isTransposed : {false, true})
      for (const char *space : {".shared", ""}) {
        std::string tail = ".sync.aligned.m8n8.x" + std::to_string(count) +
                           (isTransposed ? ".trans" : "") + space + ".b16";
        Variant variant = {count, isTransposed};
        table.add("ldmatrix" + tail, {loadMatrix, 1, 2, 0, variant});
        table.add("stmatrix" + tail, {storeMatrix, 0, 2, 0, variant});
      }
}

} // namespace heed::ptx
