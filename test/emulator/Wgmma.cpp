//===- Wgmma.cpp - Products of a warp group, as late as allowed -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// wgmma.mma_async of an m64nNk16. Each of the four warps of a group computes
/// its 16 rows, when it waits for the product: whoever releases an operand or
/// touches an accumulator before has made a mistake that shows. Operands are
/// read with what was visible when the product was issued.
///
//===----------------------------------------------------------------------===//

#include "test/emulator/Float.h"
#include "test/emulator/Swizzle.h"

#include <algorithm>

namespace heed::ptx {

namespace {

enum Element { IsBf16, IsF16 };

/// A matrix descriptor: offsets in bytes.
struct Descriptor {
  uint64_t start, leading, stride;
  uint32_t swizzleBytes; ///< 0: the layout without a swizzle.

  explicit Descriptor(uint64_t bits)
      : start((bits & 0x3fff) << 4), leading((bits >> 16 & 0x3fff) << 4),
        stride((bits >> 32 & 0x3fff) << 4) {
    uint32_t mode = uint32_t(bits >> 62);
    swizzleBytes = mode == 0 ? 0 : 256u >> mode;
  }

  /// Where the 8 elements from (k, mn) on lie: along k if the matrix is K-major
  /// (mn any), else along mn.
  uint64_t address(bool isMnMajor, uint64_t mn, uint64_t k) const {
    uint64_t span = swizzleBytes ? swizzleBytes : 16;
    uint64_t perSpan = span / 2;
    uint64_t at;
    if (isMnMajor)
      at = mn / perSpan * leading + k / 8 * stride + k % 8 * span +
           mn % perSpan * 2;
    else if (swizzleBytes)
      at = mn / 8 * stride + mn % 8 * span + k * 2;
    else
      at = mn / 8 * stride + k / 8 * leading + mn % 8 * 16;
    return swizzled(start + at, swizzleBytes);
  }
};

/// One warp's share of a product.
struct Operands {
  float a[16][16];      ///< Row, k.
  std::vector<float> b; ///< k x N.
};

float toFloat(uint16_t element, int32_t type) {
  return type == IsF16 ? f16ToFloat(element) : bf16ToFloat(element);
}

class Execution {
public:
  Execution(Warp &warp, const WarpgroupProduct &product)
      : warp_(warp), product_(product), instruction_(*product.instruction),
        columns_(instruction_.variant[0]), type_(instruction_.variant[1]) {}

  bool run() {
    if (!loadB() || !loadA())
      return false;
    accumulate();
    ++warp_.block->launch.counts.products;
    return true;
  }

private:
  bool fromRegisters() const { return instruction_.operands[1].isList; }

  /// An immediate, counted from the last operand.
  int64_t immediate(int fromEnd) const {
    int at = int(instruction_.operands.size()) - 1 - fromEnd;
    return int32_t(warp_.rows[instruction_.row(at)][0]);
  }

  /// Reads 8 elements, with the checks of shared memory.
  bool load(const Descriptor &descriptor, bool isMnMajor, uint64_t mn,
            uint64_t k, float *out) {
    uint64_t offset = 0;
    uint64_t address = descriptor.address(isMnMajor, mn, k);
    if (!warp_.sharedAddress(address, 16, 16, offset))
      return false;
    Access access = {warp_.index, -1, &product_.seen, &product_.fenced};
    SharedMemory &shared = warp_.block->shared;
    if (const char *fault = shared.read(access, offset, 16)) {
      warp_.fail("line %d '%.60s' %s at shared offset %llu", instruction_.line,
                 instruction_.text.c_str(), fault, (unsigned long long)offset);
      return false;
    }
    uint16_t elements[8];
    std::memcpy(elements, shared.data(offset), 16);
    for (int i = 0; i != 8; ++i)
      out[i] = toFloat(elements[i], type_);
    return true;
  }

  /// Fills out(k, mn) for `extent` values of mn from `first` on.
  template <typename F>
  bool loadMatrix(uint64_t bits, bool isMnMajor, int first, int extent, F out) {
    Descriptor descriptor(bits);
    float piece[8];
    for (int outer = 0; outer != (isMnMajor ? 16 : extent); ++outer)
      for (int inner = 0; inner != (isMnMajor ? extent : 16); inner += 8) {
        int mn = first + (isMnMajor ? inner : outer);
        int k = isMnMajor ? outer : inner;
        if (!load(descriptor, isMnMajor, uint64_t(mn), uint64_t(k), piece))
          return false;
        for (int i = 0; i != 8; ++i)
          out(isMnMajor ? k : k + i, (isMnMajor ? mn + i : mn) - first) =
              piece[i];
      }
    return true;
  }

  bool loadB() {
    operands_.b.resize(size_t(16 * columns_));
    return loadMatrix(product_.b, immediate(0) == 1, 0, columns_,
                      [&](int k, int n) -> float & {
                        return operands_.b[size_t(k * columns_ + n)];
                      });
  }

  bool loadA() {
    if (!fromRegisters())
      return loadMatrix(
          product_.a, immediate(1) == 1, warp_.index % 4 * 16, 16,
          [&](int k, int row) -> float & { return operands_.a[row][k]; });
    const std::vector<int> &registers = instruction_.operands[1].rows;
    for (int lane = 0; lane != 32; ++lane)
      for (int i = 0; i != 8; ++i) {
        uint64_t row = warp_.rows[registers[size_t(i / 2)]][lane];
        operands_.a[lane / 4 + 8 * (i / 2 % 2)]
                   [2 * (lane % 4) + 8 * (i / 4) + i % 2] =
            toFloat(uint16_t(row >> (16 * (i % 2))), type_);
      }
    return true;
  }

  void accumulate() {
    int last = fromRegisters() ? 1 : 2;
    double sign = double(immediate(last)) * double(immediate(last + 1));
    const std::vector<int> &sums = instruction_.operands[0].rows;
    for (int lane = 0; lane != 32; ++lane)
      for (size_t i = 0; i != sums.size(); ++i) {
        int row = lane / 4 + 8 * int(i / 2 % 2);
        int column = int(i / 4) * 8 + 2 * (lane % 4) + int(i % 2);
        double sum = 0;
        for (int k = 0; k != 16; ++k)
          sum += double(operands_.a[row][k]) *
                 double(operands_.b[size_t(k * columns_ + column)]);
        uint64_t &to = warp_.rows[sums[i]][lane];
        double before = product_.accumulate ? as<float>(to) : 0;
        to = bits(float(before + sign * sum));
      }
  }

  Warp &warp_;
  const WarpgroupProduct &product_;
  const Instruction &instruction_;
  int columns_, type_;
  Operands operands_;
};

/// Registers that a product takes part in: those it reads, those it writes.
struct Registers {
  const std::vector<int> *written;
  const std::vector<int> *read; ///< Null if A lies in shared memory.

  explicit Registers(const Instruction &instruction)
      : written(&instruction.operands[0].rows),
        read(instruction.operands[1].isList ? &instruction.operands[1].rows
                                            : nullptr) {}
};

bool checkRegisters(Warp &warp, const Registers &registers, bool accumulate) {
  auto isFenced = [&](int row) {
    if (warp.writtenAt[row] <= warp.productFence)
      return true;
    warp.fail("a register of it was written after the last wgmma.fence");
    return false;
  };
  for (int row : *registers.written) {
    if (accumulate && warp.defined[row] != allLanes) {
      warp.fail("an accumulator was not written");
      return false;
    }
    if (!isFenced(row))
      return false;
  }
  for (size_t i = 0; registers.read && i != registers.read->size(); ++i) {
    int row = (*registers.read)[i];
    if (warp.defined[row] != allLanes || warp.writtenInFlight[row]) {
      warp.fail("a register of A was not written");
      return false;
    }
    if (!isFenced(row))
      return false;
  }
  return true;
}

bool isUniform(const Lanes &lanes) {
  return std::count(lanes.begin(), lanes.end(), lanes[0]) == 32;
}

/// variant: columns, type of the elements.
Outcome issue(Warp &warp, const Instruction &instruction, uint32_t lanes) {
  Registers registers(instruction);
  size_t sums = size_t(instruction.variant[0]) / 2;
  if (lanes != allLanes || warp.block->warps.size() % 4 != 0)
    return warp.fail("wants whole groups of four warps");
  if (registers.written->size() != sums ||
      (registers.read && registers.read->size() != 4) ||
      instruction.operands.size() != (registers.read ? 7u : 8u))
    return warp.fail("wants %zu accumulators, and 4 registers of A if any",
                     sums);
  for (size_t i = registers.read ? 2 : 1; i != 4; ++i)
    if (!isUniform(warp.rows[instruction.row(int(i))]))
      return warp.fail("operand %zu differs between lanes", i);
  WarpgroupProduct product;
  product.instruction = &instruction;
  product.a = registers.read ? 0 : warp.rows[instruction.row(1)][0];
  product.b = warp.rows[instruction.row(2)][0];
  product.accumulate = warp.rows[instruction.row(3)][0] & 1;
  product.seen = warp.seen;
  product.fenced = warp.fenced;
  if (!checkRegisters(warp, registers, product.accumulate))
    return Outcome::Failed;
  for (int row : *registers.written) {
    ++warp.writtenInFlight[row];
    warp.defined[row] = allLanes;
  }
  for (size_t i = 0; registers.read && i != registers.read->size(); ++i)
    ++warp.readInFlight[(*registers.read)[i]];
  warp.openProducts.push_back(std::move(product));
  return Outcome::Next;
}

Outcome fenceRegisters(Warp &warp, const Instruction &, uint32_t) {
  warp.productFence = warp.steps;
  return Outcome::Next;
}

Outcome commit(Warp &warp, const Instruction &, uint32_t) {
  warp.products.push_back(std::move(warp.openProducts));
  warp.openProducts.clear();
  return Outcome::Next;
}

Outcome wait(Warp &warp, const Instruction &instruction, uint32_t) {
  uint64_t pending = warp.rows[instruction.row(0)][0];
  for (; warp.products.size() > pending; warp.products.pop_front())
    for (const WarpgroupProduct &product : warp.products.front()) {
      if (!Execution(warp, product).run())
        return Outcome::Failed;
      Registers registers(*product.instruction);
      for (int row : *registers.written)
        --warp.writtenInFlight[row];
      for (size_t i = 0; registers.read && i != registers.read->size(); ++i)
        --warp.readInFlight[(*registers.read)[i]];
    }
  return Outcome::Next;
}

} // namespace

void addWgmmaInstructions(Table &table) {
  for (int n = 8; n <= 256; n += 8) {
    std::string stem =
        "wgmma.mma_async.sync.aligned.m64n" + std::to_string(n) + "k16.f32.";
    table.add(stem + "bf16.bf16", {issue, -1, 7, 1, {n, IsBf16}});
    table.add(stem + "f16.f16", {issue, -1, 7, 1, {n, IsF16}});
  }
  table.add("wgmma.fence.sync.aligned", {fenceRegisters, 0, 0});
  table.add("wgmma.commit_group.sync.aligned", {commit, 0, 0});
  table.add("wgmma.wait_group.sync.aligned", {wait, 0, 1});
}

} // namespace heed::ptx
