//===- KernelHarness.h - Compile and run kernels in tests -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Compiles tile IR and runs kernels on vectors. Each test program links one
/// implementation: code for the CPU that is loaded into this process, or PTX
/// that the emulator runs; the tests of what kernels compute are the same.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_LOWER_KERNEL_KERNELHARNESS_H
#define HEED_TEST_UNIT_PASSES_LOWER_KERNEL_KERNELHARNESS_H

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heed::test {

/// One word of a launch.
struct Word {
  template <typename T>
  Word(std::vector<T> &array)
      : value(reinterpret_cast<int64_t>(array.data())),
        bytes(array.size() * sizeof(T)) {}
  Word(int64_t number) : value(number) {}
  int64_t value;
  uint64_t bytes = 0; ///< Of the array; 0 for a number.
};

/// Compiled kernels. Aborts the test program if `text` does not compile.
class Kernels {
public:
  Kernels(const std::string &text, const std::string &target);
  ~Kernels();
  Kernels(const Kernels &) = delete;
  Kernels &operator=(const Kernels &) = delete;

  /// Runs programs 0 to `programs` - 1 of the kernel, in another order.
  void run(const std::string &name, std::vector<Word> words, int64_t programs);

private:
  struct Image;
  std::unique_ptr<Image> image;
};

/// The kernels of a file below test/, compiled once in this process.
Kernels &compiledFile(const std::string &path, const std::string &target);

/// The targets to test that this machine can run.
std::vector<std::string> processors();

/// A parsed module in a context of its own.
struct ParsedKernels {
  explicit ParsedKernels(const std::string &text);
  std::unique_ptr<mlir::MLIRContext> context;
  mlir::OwningOpRef<mlir::ModuleOp> module; ///< Null if it does not parse.
};

/// Reads a file below test/.
std::string readTest(const std::string &path);

/// Returns what compiling `text` complains about.
std::string refusal(const std::string &text, const std::string &target);

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

#endif // HEED_TEST_UNIT_PASSES_LOWER_KERNEL_KERNELHARNESS_H
