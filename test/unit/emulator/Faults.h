//===- Faults.h - Plants faults in the text of a kernel ------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_EMULATOR_FAULTS_H
#define HEED_TEST_UNIT_EMULATOR_FAULTS_H

#include "test/unit/emulator/Harness.h"

#include "heed/Support/HalfFloat.h"

#include <fstream>
#include <functional>
#include <sstream>

namespace heed::ptx::test {

/// A change of the text of a kernel that makes it wrong.
struct Fault {
  const char *name;
  const char *text; ///< What is replaced: its occurrence `which`.
  const char *instead;
  int which = 0;
};

inline std::string readText(const char *path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

inline std::string plant(std::string text, const Fault &fault) {
  size_t at = text.find(fault.text);
  for (int i = 0; i != fault.which && at != std::string::npos; ++i)
    at = text.find(fault.text, at + 1);
  EXPECT_NE(at, std::string::npos) << fault.name;
  if (at != std::string::npos)
    text.replace(at, std::strlen(fault.text), fault.instead);
  return text;
}

/// Small integers as bf16, so that sums are exact in every order.
inline std::vector<uint16_t> makeMatrix(int64_t size, std::mt19937 &random) {
  std::vector<uint16_t> out(size);
  for (uint16_t &value : out)
    value = floatToBf16(float(int(random() % 9) - 4));
  return out;
}

/// The product of an M x K and a K x `columns` matrix, row by row.
inline std::vector<float> multiply(const std::vector<uint16_t> &a,
                                   const std::vector<uint16_t> &b, int64_t k,
                                   int64_t columns) {
  std::vector<float> out;
  for (size_t row = 0; row != a.size(); row += k)
    for (int64_t j = 0; j != columns; ++j) {
      float sum = 0;
      for (int64_t x = 0; x != k; ++x)
        sum += bf16ToFloat(a[row + x]) * bf16ToFloat(b[x * columns + j]);
      out.push_back(sum);
    }
  return out;
}

/// Runs the text of a kernel; returns what is wrong, or nothing.
using Check =
    std::function<std::string(const std::string &text, uint64_t seed)>;

/// Expects that every fault is found on every one of 8 seeds.
template <size_t count>
void expectFound(const std::string &text, const Fault (&faults)[count],
                 const Check &check) {
  for (const Fault &fault : faults) {
    std::string wrong = plant(text, fault);
    for (uint64_t seed = 1; seed != 9; ++seed)
      EXPECT_NE(check(wrong, seed), "") << fault.name << ", seed " << seed;
  }
}

} // namespace heed::ptx::test

#endif // HEED_TEST_UNIT_EMULATOR_FAULTS_H
