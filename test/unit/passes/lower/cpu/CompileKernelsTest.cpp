//===- CompileKernelsTest.cpp - What a compiled image consists of ---------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/cpu/KernelHarness.h"

#include "llvm/Object/ELFObjectFile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

using namespace heed;
using namespace heed::test;
using namespace llvm::object;

namespace {

/// The image as an object file.
std::unique_ptr<ObjectFile> open(const CpuImage &image) {
  llvm::MemoryBufferRef bytes(
      llvm::StringRef(image.elf.data(), image.elf.size()), "image");
  return llvm::cantFail(ObjectFile::createELFObjectFile(bytes));
}

TEST(CompileKernels, ExportsKernelsAndNeedsNothing) {
  Kernels kernels(readTest("dialects/tile/kernels.mlir"), processors().back());
  std::unique_ptr<ObjectFile> object = open(kernels.getImage());
  auto *elf = llvm::cast<ELFObjectFileBase>(object.get());
  std::vector<std::string> exported;
  for (ELFSymbolRef symbol : elf->getDynamicSymbolIterators()) {
    uint32_t flags = llvm::cantFail(symbol.getFlags());
    EXPECT_FALSE(flags & SymbolRef::SF_Undefined);
    exported.push_back(llvm::cantFail(symbol.getName()).str());
  }
  std::sort(exported.begin(), exported.end());
  EXPECT_EQ(exported,
            (std::vector<std::string>{"attention", "matmul", "norm"}));
  auto *elf64 = llvm::cast<ELF64LEObjectFile>(object.get());
  auto entries = llvm::cantFail(elf64->getELFFile().dynamicEntries());
  for (const auto &entry : entries)
    EXPECT_NE(entry.getTag(), llvm::ELF::DT_NEEDED);
}

TEST(CompileKernels, IsTheSameEachTime) {
  std::string text = readTest("dialects/tile/kernels.mlir");
  Kernels first(text, "x86-64-v3"), second(text, "x86-64-v3");
  EXPECT_EQ(first.getImage().elf, second.getImage().elf);
}

TEST(CompileKernels, CompilesFast) {
  std::string text = readTest("dialects/tile/kernels.mlir");
  Kernels warm(text, processors().back());
  auto start = std::chrono::steady_clock::now();
  Kernels kernels(text, processors().back());
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("  three kernels in %.0f ms, %zu bytes\n", 1000 * took.count(),
              kernels.getImage().elf.size());
  for (const CpuKernel &kernel : kernels.getImage().kernels)
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
  EXPECT_NE(power.find("is a function that the CPU lowering does not expand: "
                       "%0 = math.powf"),
            std::string::npos)
      << power;
}

} // namespace
