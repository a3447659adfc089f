//===- CompileKernelsTest.cpp - What a compiled image consists of ---------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/CpuKernels.h"
#include "test/unit/passes/lower/cpu/MachineCode.h"

#include <gtest/gtest.h>

#include <chrono>

using namespace heed;
using namespace heed::test;

namespace {

TEST(CompileKernels, ExportsKernelsAndNeedsNothing) {
  KernelImage image =
      imageOf(readTest("dialects/tile/kernels.mlir"), processors().back());
  Symbols symbols = symbolsOf(image.code, /*dynamic=*/true);
  EXPECT_EQ(symbols.defined,
            (std::vector<std::string>{"attention", "matmul", "norm"}));
  EXPECT_EQ(symbols.undefined, std::vector<std::string>());
  EXPECT_EQ(symbols.needed, std::vector<std::string>());
  std::vector<std::string> names;
  for (const CompiledKernel &kernel : image.kernels)
    names.push_back(kernel.name);
  EXPECT_EQ(names, (std::vector<std::string>{"matmul", "norm", "attention"}))
      << "not in the order of the module";
}

// The code for AVX2 runs on every processor that has it.
TEST(CompileKernels, WideRegistersOnlyWhereTheyAre) {
  for (const char *path :
       {"dialects/tile/kernels.mlir", "dialects/tile/forms.mlir"}) {
    std::string text = readTest(path);
    Instructions v3 = instructionsOf(imageOf(text, "x86-64-v3").code);
    Instructions v4 = instructionsOf(imageOf(text, "x86-64-v4").code);
    EXPECT_GT(v3.all, 500) << path;
    EXPECT_EQ(v3.avx512, 0) << path;
    EXPECT_GT(v4.avx512, v4.all / 10) << path;
  }
}

TEST(CompileKernels, IsTheSameEachTime) {
  std::string text = readTest("dialects/tile/kernels.mlir");
  EXPECT_EQ(imageOf(text, "x86-64-v3").code, imageOf(text, "x86-64-v3").code);
}

TEST(CompileKernels, ModulesWithoutKernels) {
  KernelImage image = imageOf("module {}", "x86-64-v3");
  EXPECT_TRUE(image.kernels.empty());
  EXPECT_EQ(symbolsOf(image.code, /*dynamic=*/true).defined,
            std::vector<std::string>());
}

TEST(CompileKernels, CompilesFast) {
  std::string text = readTest("dialects/tile/kernels.mlir");
  imageOf(text, processors().back());
  auto start = std::chrono::steady_clock::now();
  KernelImage image = imageOf(text, processors().back());
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("  three kernels in %.0f ms, %zu bytes\n", 1000 * took.count(),
              image.code.size());
  for (const CompiledKernel &kernel : image.kernels)
    std::printf("  %s: %lld bytes of scratch memory\n", kernel.name.c_str(),
                static_cast<long long>(kernel.scratchBytes));
  EXPECT_LT(took.count(), 3.0);
}

TEST(CompileKernels, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(refusal("module {}", "pentium"),
            "cannot compile the kernels: expects the processor x86-64-v3 or "
            "x86-64-v4, got pentium");
  std::string power = refusal(R"(
    tile.kernel @power(%n: index) grid(1) {
      %x = arith.constant dense<2.0> : tensor<4xf32>
      %y = math.powf %x, %x : tensor<4xf32>
      tile.return
    })",
                              "x86-64-v3");
  EXPECT_NE(power.find("is a function that kernels do not expand: "
                       "%0 = math.powf"),
            std::string::npos)
      << power;
}

TEST(CompileKernels, RefusesKernelsWithoutAName) {
  EXPECT_EQ(refusal("tile.kernel @\"\"() grid(1) { tile.return }", "x86-64-v3"),
            "cannot compile the kernels: expects a name that does not begin "
            "with llvm., got none");
}

} // namespace
