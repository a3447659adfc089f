//===- Atomic.cpp - Atomic operations on memory ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"

#include <algorithm>
#include <type_traits>

namespace heed::ptx {

namespace {

struct Add {
  template <typename T> T operator()(T old, T x) const { return old + x; }
};
struct Min {
  template <typename T> T operator()(T old, T x) const {
    return std::min(old, x);
  }
};
struct Max {
  template <typename T> T operator()(T old, T x) const {
    return std::max(old, x);
  }
};
struct And {
  template <typename T> T operator()(T old, T x) const { return old & x; }
};
struct Or {
  template <typename T> T operator()(T old, T x) const { return old | x; }
};
struct Xor {
  template <typename T> T operator()(T old, T x) const { return old ^ x; }
};
struct Exch {
  template <typename T> T operator()(T, T x) const { return x; }
};
/// Wraps to 0 behind x.
struct Inc {
  uint32_t operator()(uint32_t old, uint32_t x) const {
    return old >= x ? 0 : old + 1;
  }
};
/// Wraps to x below 0.
struct Dec {
  uint32_t operator()(uint32_t old, uint32_t x) const {
    return old == 0 || old > x ? x : old - 1;
  }
};
template <typename T> using FloatAdd = Arithmetic<T, Add, false, false>;

/// Adds the lanes' values in random order, as hardware may. variant: space,
/// operand of the address (0 for red, which has no result).
template <typename T, typename Change>
Outcome change(Warp &warp, const Instruction &instruction, uint32_t lanes,
               Change op) {
  int at = instruction.variant[1];
  const Operand &target = instruction.operands[at];
  uint32_t first = warp.block->launch.random() % 32;
  for (uint32_t i = 0; i != 32; ++i) {
    int lane = int((first + i) % 32);
    if (!(lanes >> lane & 1))
      continue;
    uint64_t address =
        warp.rows[target.rows[0]][lane] + uint64_t(target.offset);
    uint8_t *data = warp.access(Space(instruction.variant[0]), address,
                                sizeof(T), lane, Use::Atomic);
    if (!data)
      return Outcome::Failed;
    T old;
    std::memcpy(&old, data, sizeof(T));
    T fresh = op(old, lane);
    std::memcpy(data, &fresh, sizeof(T));
    if (at == 1 && instruction.row(0) >= 0)
      warp.rows[instruction.row(0)][lane] = bits(old);
  }
  return Outcome::Next;
}

template <typename T, typename Op>
Outcome atomic(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  const Lanes &value = warp.rows[instruction.row(instruction.variant[1] + 1)];
  return change<T>(warp, instruction, lanes, [&](T old, int lane) {
    return T(Op()(old, as<T>(value[lane])));
  });
}

template <typename T>
Outcome compareAndSwap(Warp &warp, const Instruction &instruction,
                       uint32_t lanes) {
  const Lanes &expected = warp.rows[instruction.row(2)];
  const Lanes &value = warp.rows[instruction.row(3)];
  return change<T>(warp, instruction, lanes, [&](T old, int lane) {
    return old == as<T>(expected[lane]) ? as<T>(value[lane]) : old;
  });
}

constexpr std::pair<const char *, Space> spaces[] = {
    {"", Space::Generic},
    {".global", Space::Global},
    {".shared", Space::Shared}};

void addOne(Table &table, const std::string &operation, Execute execute) {
  for (auto [name, space] : spaces) {
    table.add("atom" + std::string(name) + operation,
              {execute, 1, 3, 1, {int32_t(space), 1}});
    table.add("red" + std::string(name) + operation,
              {execute, 0, 2, 1, {int32_t(space), 0}});
  }
}

template <typename T> void addNumber(Table &table, const std::string &type) {
  addOne(table, ".add." + type, atomic<std::make_unsigned_t<T>, Add>);
  addOne(table, ".min." + type, atomic<T, Min>);
  addOne(table, ".max." + type, atomic<T, Max>);
}

template <typename T> void addBits(Table &table, const std::string &type) {
  addOne(table, ".and." + type, atomic<T, And>);
  addOne(table, ".or." + type, atomic<T, Or>);
  addOne(table, ".xor." + type, atomic<T, Xor>);
  for (auto [name, space] : spaces) {
    std::string stem = "atom" + std::string(name);
    table.add(stem + ".exch." + type,
              {atomic<T, Exch>, 1, 3, 1, {int32_t(space), 1}});
    table.add(stem + ".cas." + type,
              {compareAndSwap<T>, 1, 4, 1, {int32_t(space), 1}});
  }
}

} // namespace

void addAtomicInstructions(Table &table) {
  addNumber<uint32_t>(table, "u32");
  addNumber<int32_t>(table, "s32");
  addNumber<uint64_t>(table, "u64");
  addNumber<int64_t>(table, "s64");
  addBits<uint32_t>(table, "b32");
  addBits<uint64_t>(table, "b64");
  addOne(table, ".inc.u32", atomic<uint32_t, Inc>);
  addOne(table, ".dec.u32", atomic<uint32_t, Dec>);
  addOne(table, ".add.f32", atomic<float, FloatAdd<float>>);
  addOne(table, ".add.f64", atomic<double, FloatAdd<double>>);
  addOne(table, ".add.noftz.f16x2", atomic<Pair<F16>, FloatAdd<Pair<F16>>>);
  addOne(table, ".add.noftz.bf16x2", atomic<Pair<Bf16>, FloatAdd<Pair<Bf16>>>);
}

} // namespace heed::ptx
