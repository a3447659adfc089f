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

/// A kernel with the pointers p0, p1, ... in %p0, %p1, ..., the thread in %id,
/// and registers %r, %f, %d, %h (16 bits) and %q (predicates) to use.
inline std::string makeKernel(const std::string &body, int pointers,
                              const std::string &declarations = "") {
  std::string text = ".version 8.5\n.target sm_90a\n.address_size 64\n" +
                     declarations + "\n.visible .entry k(";
  for (int i = 0; i != pointers; ++i)
    text += std::string(i ? ", " : "") + ".param .u64 p" + std::to_string(i);
  text += ")\n{\n.reg .b64 %p<" + std::to_string(pointers + 1) +
          ">, %d<40>;\n.reg .b32 %r<80>, %id;\n.reg .f32 %f<80>;\n"
          ".reg .b16 %h<20>;\n.reg .pred %q<20>;\nmov.u32 %id, %tid.x;\n";
  for (int i = 0; i != pointers; ++i)
    text += "ld.param.u64 %p" + std::to_string(i) + ", [p" + std::to_string(i) +
            "];\n";
  return text + body + "\nret;\n}\n";
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
  auto width = [](const std::string &type) {
    return type == "pred" ? "16"
                          : type.substr(type.find_first_of("0123456789"));
  };
  std::string body = ".reg .b64 %at, %o;\n.reg .b16 %u;\n.reg ." + result +
                     " %x;\n.reg .u32 %n;\nmov.u32 %n, %ctaid.x;\n"
                     "mad.lo.u32 %n, %n, 32, %id;\nmul.wide.u32 %o, %n, 8;\n";
  for (size_t i = 0; i != operands.size(); ++i) {
    std::string name = std::string("%") + char('a' + i);
    body += ".reg ." + operands[i] + " " + name + ";\nadd.s64 %at, %p" +
            std::to_string(i + 1) + ", %o;\n";
    bool isPredicate = operands[i] == "pred";
    body += "ld.global.b" + width(operands[i]) + " " +
            (isPredicate ? "%u" : name) + ", [%at];\n";
    if (isPredicate)
      body += "setp.ne.b16 " + name + ", %u, 0;\n";
  }
  body += instruction + "\nadd.s64 %at, %p0, %o;\n";
  if (result == "pred")
    body += "selp.b16 %u, 1, 0, %x;\n";
  body += "st.global.b" + width(result) + " [%at], " +
          (result == "pred" ? "%u" : "%x") + ";\n";
  inputs.resize(3, Words(inputs[0].size()));
  size_t lanes = (inputs[0].size() + 31) / 32 * 32;
  Words out(lanes);
  for (Words &words : inputs)
    words.resize(lanes, 1);
  Launcher run;
  run.grid = int64_t(lanes / 32);
  Status error = run(makeKernel(body, 4), out, inputs[0], inputs[1], inputs[2]);
  EXPECT_FALSE(error) << instruction << ": " << error.message();
  return out;
}

} // namespace heed::ptx::test

#endif // HEED_TEST_UNIT_EMULATOR_HARNESS_H
