//===- Harness.h - Runs single instructions and kernels ------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the tests of the emulator share: a kernel around one instruction, and
/// short ways to launch and to look at errors.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_EMULATOR_HARNESS_H
#define HEED_TEST_UNIT_EMULATOR_HARNESS_H

#include "test/emulator/Emulator.h"
#include "test/emulator/InstructionKernel.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>
#include <string>
#include <vector>

namespace heed::ptx::test {

using Words = std::vector<uint64_t>;

template <typename T> int64_t addressOf(const std::vector<T> &values) {
  return static_cast<int64_t>(reinterpret_cast<uintptr_t>(values.data()));
}

template <typename T> uint64_t toBits(T value) {
  uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof(T));
  return bits;
}

template <typename T> T fromBits(uint64_t bits) {
  T value;
  std::memcpy(&value, &bits, sizeof(T));
  return value;
}

/// Parses and launches `text` on arrays, all of them writable.
struct Launcher {
  int64_t grid = 1;
  uint32_t threads = 32;
  uint32_t sharedBytes = 0;
  Options options;

  template <typename... T>
  Status operator()(const std::string &text, std::vector<T> &...arrays) const {
    Module module;
    if (Status error = module.parse(text))
      return error;
    Memory memory;
    std::vector<int64_t> words;
    (memory.add(arrays.data(), arrays.size() * sizeof(T)), ...);
    (words.push_back(addressOf(arrays)), ...);
    return module.launch("k", grid, threads, sharedBytes, words, memory,
                         options);
  }
};

/// Runs `instruction` on %a, %b, %c of the types `operands` and returns what it
/// leaves in %d of type `result`: one word per lane, one word per operand.
inline Words compute(const std::string &instruction, const std::string &result,
                     const std::vector<std::string> &operands,
                     std::vector<Words> inputs) {
  inputs.resize(3, Words(inputs[0].size()));
  size_t lanes = (inputs[0].size() + 31) / 32 * 32;
  Words out(lanes);
  for (Words &words : inputs)
    words.resize(lanes, 1);
  Launcher run;
  run.grid = int64_t(lanes / 32);
  Status error = run(makeInstructionKernel(instruction, result, operands), out,
                     inputs[0], inputs[1], inputs[2]);
  EXPECT_FALSE(error) << instruction << ": " << error.message();
  return out;
}

} // namespace heed::ptx::test

#endif // HEED_TEST_UNIT_EMULATOR_HARNESS_H
