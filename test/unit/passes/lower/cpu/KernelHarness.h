//===- KernelHarness.h - Compile and run kernels in tests -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compiles tile IR, loads the image into this process, and runs kernels on
/// vectors. Two images are made, one per instruction set that this machine has.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_CPU_KERNELHARNESS_H
#define HEED_TEST_UNIT_PASSES_LOWER_CPU_KERNELHARNESS_H

#include "passes/lower/cpu/CompileKernels.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heed::test {

/// One word of a launch.
struct Word {
  template <typename T>
  Word(std::vector<T> &array)
      : value(reinterpret_cast<int64_t>(array.data())) {}
  Word(int64_t number) : value(number) {}
  int64_t value;
};

/// An image in this process. Aborts the test program if `text` does not
/// compile.
class Kernels {
public:
  Kernels(const std::string &text, const std::string &cpu);
  ~Kernels();
  Kernels(const Kernels &) = delete;
  Kernels &operator=(const Kernels &) = delete;

  /// Runs programs 0 to `programs` - 1 of the kernel, the last one first.
  void run(const std::string &name, std::vector<Word> words, int64_t programs);

  const CpuImage &getImage() const { return image; }

private:
  CpuImage image;
  int file = -1;
  void *handle = nullptr;
};

/// What `text` compiles to. Aborts the test program if it does not.
CpuImage imageOf(const std::string &text, const std::string &cpu);

/// The kernels of a file below test/, compiled once in this process.
Kernels &compiledFile(const std::string &path, const std::string &cpu);

/// The processors to test: those of the two that this machine can run.
std::vector<std::string> processors();

/// Reads a file below test/.
std::string readTest(const std::string &path);

/// Returns what compiling `text` complains about.
std::string refusal(const std::string &text, const std::string &cpu);

/// Deterministic numbers in [-1, 1).
std::vector<float> randomFloats(size_t count, unsigned seed);

/// Rounds to bf16 (to nearest even) and back.
uint16_t toBF16(float x);
float fromBF16(uint16_t x);
std::vector<uint16_t> toBF16(const std::vector<float> &xs);

/// The square root of the relative squared error.
double relativeError(const std::vector<float> &got,
                     const std::vector<double> &want);

} // namespace heed::test

#endif // HEED_TEST_UNIT_PASSES_LOWER_CPU_KERNELHARNESS_H
