//===- CompileKernelsTest.cpp - What an image for a GPU says --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Assemble.h"
#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include "mlir/IR/Diagnostics.h"

#include <gtest/gtest.h>

#include <chrono>

using namespace heed;
using namespace heed::test;

namespace {

const char *const files[] = {"dialects/tile/kernels.mlir",
                             "dialects/tile/forms.mlir"};

GpuTarget targetOf(const char *arch, bool assemble) {
  GpuTarget target;
  target.arch = arch;
  target.assemble = assemble;
  return target;
}

TEST(CompileKernels, SaysHowToLaunch) {
  GpuImage image = imageOf(readTest(files[0]), targetOf("sm_80", false));
  ASSERT_EQ(image.kernels.size(), 3u);
  std::vector<std::string> names;
  for (const CompiledKernel &kernel : image.kernels)
    names.push_back(kernel.name);
  EXPECT_EQ(names, (std::vector<std::string>{"matmul", "norm", "attention"}));
  // 64 rows make four warps; 4 rows of a norm as well, and no shared memory.
  EXPECT_EQ(image.kernels[0].threads, 128);
  EXPECT_EQ(image.kernels[1].threads, 128);
  EXPECT_EQ(image.kernels[1].scratchBytes, 0);
  // Two slots of two tiles of 64 rows of 64 f32 and 16 bytes of padding.
  EXPECT_EQ(image.kernels[0].scratchBytes, 2 * 2 * 64 * (256 + 16));
  EXPECT_EQ(image.reports[0].stages, 2);
  EXPECT_TRUE(image.cubin.empty());
  KernelImage package = image.toPackage("sm_90a");
  EXPECT_EQ(std::string(package.code.data()), image.ptx)
      << "not terminated by a zero";
}

TEST(CompileKernels, IsTheSameEachTime) {
  EXPECT_EQ(ptxOf(readTest(files[0])), ptxOf(readTest(files[0])));
}

TEST(CompileKernels, AssemblesWithoutSpills) {
  if (llvm::cantFail(nvgpu::findAssembler("")).empty())
    GTEST_SKIP() << "skipped: no ptxas";
  for (const char *file : files)
    for (const char *arch : {"sm_80", "sm_90a"}) {
      GpuImage image = imageOf(readTest(file), targetOf(arch, true));
      EXPECT_EQ(std::string(image.cubin.data(), 4), "\x7f"
                                                    "ELF");
      EXPECT_EQ(image.toPackage("sm_90a").code, image.cubin);
      EXPECT_EQ(image.toPackage("sm_80").code.size(), image.ptx.size() + 1);
      for (size_t i = 0; i < image.kernels.size(); ++i) {
        EXPECT_GT(image.reports[i].registers, 15) << image.kernels[i].name;
        EXPECT_EQ(image.reports[i].spillBytes, 0) << image.kernels[i].name;
      }
    }
}

TEST(CompileKernels, CompilesFast) {
  std::string text = readTest(files[0]);
  ptxOf(text);
  auto start = std::chrono::steady_clock::now();
  ptxOf(text);
  std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
  std::printf("  three kernels in %.0f ms\n", 1000 * took.count());
  EXPECT_LT(took.count(), 3.0);
}

TEST(CompileKernels, RemarksOnEachKernel) {
  ParsedKernels parsed(readTest(files[0]));
  std::vector<std::string> heard;
  mlir::ScopedDiagnosticHandler handler(parsed.context.get(),
                                        [&](mlir::Diagnostic &diagnostic) {
                                          heard.push_back(diagnostic.str());
                                          return mlir::success();
                                        });
  GpuTarget target = targetOf("sm_80", false);
  target.remarks = true;
  llvm::cantFail(compileKernels(*parsed.module, target));
  ASSERT_EQ(heard.size(), 3u);
  EXPECT_EQ(
      heard[1],
      "kernel norm: portable, tile 4 x 128, bound by memory, 128 threads, "
      "0 stages, 0 bytes shared");
}

TEST(CompileKernels, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(refusal("module {}", "sm_70"),
            "cannot compile the kernels: expects the architecture sm_80 or "
            "sm_90a, got sm_70");
  EXPECT_NE(refusal(R"(tile.kernel @k(%x: memref<?xf32>) grid(1) {
                      %a = arith.constant dense<2.0> : tensor<8xf32>
                      %b = math.powf %a, %a : tensor<8xf32>
                      tile.return
                    })",
                    "sm_80")
                .find("is a function that kernels do not expand: "),
            std::string::npos);
}

/// Shared memory is refused where it ends: sm_90a has more.
TEST(CompileKernels, RefusesTooMuchSharedMemory) {
  std::string text = R"(
    !v = memref<?x640xf32, strided<[640, 1], offset: ?>>
    tile.kernel @k(%x: memref<?xf32>, %y: memref<?xf32>, %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %zero = arith.constant dense<0.0> : tensor<16x64xf32>
      %xv = tile.view %x[%c0] sizes [%n, 640] strides [640, 1]
          : memref<?xf32> to !v
      %yv = tile.view %y[%c0] sizes [%n, 640] strides [640, 1]
          : memref<?xf32> to !v
      %a = tile.load %xv[%c0, %c0] : !v -> tensor<16x640xf32>
      %b = tile.load %xv[%c0, %c0] : !v -> tensor<64x640xf32>
      %r = tile.mma %a, %b, %zero {transpose_b}
          : tensor<16x640xf32>, tensor<64x640xf32>, tensor<16x64xf32>
      tile.store %r, %yv[%c0, %c0] : tensor<16x64xf32>, !v
      tile.return
    })";
  EXPECT_EQ(refusal(text, "sm_80"),
            "cannot compile the kernels: needs 206080 bytes of shared memory, "
            "sm_80 has 166912");
  EXPECT_EQ(refusal(text, "sm_90a"), "");
}

} // namespace
