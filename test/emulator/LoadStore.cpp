//===- LoadStore.cpp - Loads and stores -----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Lanes.h"

namespace heed::ptx {

namespace {

/// The variant of a load or store.
struct Shape {
  Space space;
  int32_t bytes, count; ///< Of an element, and elements.
  bool isSigned;

  explicit Shape(const Variant &variant)
      : space(Space(variant[0])), bytes(variant[1]), count(variant[2]),
        isSigned(variant[3] != 0) {}
  uint32_t allBytes() const { return uint32_t(bytes * count); }
};

uint64_t extend(uint64_t value, int32_t bytes, bool isSigned) {
  int shift = 64 - 8 * bytes;
  return isSigned ? uint64_t(int64_t(value << shift) >> shift) : value;
}

Outcome loadOf(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Shape shape(instruction.variant);
  const std::vector<int> &to = instruction.operands[0].rows;
  const Operand &from = instruction.operands[1];
  if (int(to.size()) != shape.count)
    return warp.fail("%zu registers for %d elements", to.size(), shape.count);
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    if (outcome == Outcome::Failed)
      return;
    uint64_t address = warp.rows[from.rows[0]][lane] + uint64_t(from.offset);
    const uint8_t *data =
        warp.access(shape.space, address, shape.allBytes(), lane, Use::Read);
    if (!data) {
      outcome = Outcome::Failed;
      return;
    }
    for (int32_t i = 0; i != shape.count; ++i) {
      uint64_t value = 0;
      std::memcpy(&value, data + i * shape.bytes, size_t(shape.bytes));
      if (to[i] >= 0)
        warp.rows[to[i]][lane] = extend(value, shape.bytes, shape.isSigned);
    }
  });
  return outcome;
}

Outcome storeOf(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Shape shape(instruction.variant);
  const Operand &to = instruction.operands[0];
  const std::vector<int> &from = instruction.operands[1].rows;
  if (int(from.size()) != shape.count)
    return warp.fail("%zu registers for %d elements", from.size(), shape.count);
  Outcome outcome = Outcome::Next;
  forEachLane(lanes, [&](int lane) {
    if (outcome == Outcome::Failed)
      return;
    uint8_t value[32];
    for (int32_t i = 0; i != shape.count; ++i)
      std::memcpy(value + i * shape.bytes, &warp.rows[from[i]][lane],
                  size_t(shape.bytes));
    uint64_t address = warp.rows[to.rows[0]][lane] + uint64_t(to.offset);
    uint8_t *data = warp.access(shape.space, address, shape.allBytes(), lane,
                                Use::Write, value);
    if (data)
      std::memcpy(data, value, shape.allBytes());
    else
      outcome = Outcome::Failed;
  });
  return outcome;
}

struct SpaceName {
  const char *name;
  Space space;
  bool isWritable;
};
constexpr SpaceName spaces[] = {
    {"", Space::Generic, true},       {".global", Space::Global, true},
    {".shared", Space::Shared, true}, {".local", Space::Local, true},
    {".param", Space::Param, false},  {".const", Space::Const, false}};

void addType(Table &table, const SpaceName &space, const char *type,
             int32_t bytes, bool isSigned) {
  for (int32_t count : {1, 2, 4}) {
    if (bytes * count > 16)
      continue;
    std::string vector = count == 1 ? "." : ".v" + std::to_string(count) + ".";
    Variant variant = {int32_t(space.space), bytes, count, isSigned};
    table.add("ld" + std::string(space.name) + vector + type,
              {loadOf, 1, 2, 1, variant});
    if (space.isWritable)
      table.add("st" + std::string(space.name) + vector + type,
                {storeOf, 0, 2, 1, variant});
  }
}

} // namespace

void addLoadStoreInstructions(Table &table) {
  for (const SpaceName &space : spaces) {
    for (int32_t bytes : {1, 2, 4, 8}) {
      std::string width = std::to_string(8 * bytes);
      addType(table, space, ("b" + width).c_str(), bytes, false);
      addType(table, space, ("u" + width).c_str(), bytes, false);
      addType(table, space, ("s" + width).c_str(), bytes, true);
    }
    addType(table, space, "f32", 4, false);
    addType(table, space, "f64", 8, false);
  }
}

} // namespace heed::ptx
