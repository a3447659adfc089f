//===- GpuCodeTest.cpp - Kernels of whole models as code of GPUs ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For every checkpoint with goldens: compiles its kernels for both
// architectures and asks the assembler. No register may be spilled, and shared
// memory must be what every GPU from sm_80 on has.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Golden.h"

#include "passes/import/checkpoint/Importer.h"
#include "passes/lower/nvgpu/Assemble.h"
#include "passes/pipelines/Compile.h"

#include "gtest/gtest.h"

namespace {

using namespace heed;

/// Of which a program may have 1 KiB less than there is.
constexpr int64_t kSharedBytes = 99 << 10;

llvm::Expected<GpuImage> compileGolden(const Golden &golden, const char *arch) {
  mlir::MLIRContext context;
  ImportOptions options;
  options.base = golden.folder;
  auto module = importCheckpoint(context, golden.folder, options);
  if (!module)
    return module.takeError();
  mlir::PassManager manager(&context);
  buildLowerPipeline(manager, arch);
  if (mlir::failed(manager.run(**module)))
    return llvm::createStringError("does not lower");
  GpuTarget target;
  target.arch = arch;
  return compileKernels(**module, target);
}

class GpuCode : public testing::TestWithParam<const char *> {};

TEST_P(GpuCode, SpillsNothing) {
  if (llvm::cantFail(nvgpu::findAssembler("")).empty())
    GTEST_SKIP() << "skipped: no ptxas";
  for (const std::string &name : listGoldens()) {
    llvm::Expected<Golden> golden = readGolden(name);
    ASSERT_TRUE(bool(golden)) << llvm::toString(golden.takeError());
    llvm::Expected<GpuImage> image = compileGolden(*golden, GetParam());
    ASSERT_TRUE(bool(image)) << llvm::toString(image.takeError());
    EXPECT_GT(image->kernels.size(), 20u) << name;
    for (size_t i = 0; i < image->kernels.size(); ++i) {
      const CompiledKernel &kernel = image->kernels[i];
      EXPECT_GT(image->reports[i].registers, 0) << name << " " << kernel.name;
      EXPECT_EQ(image->reports[i].spillBytes, 0) << name << " " << kernel.name;
      EXPECT_EQ(image->reports[i].warnings, std::vector<std::string>())
          << name << " " << kernel.name;
      if (kernel.maps.empty())
        EXPECT_LE(kernel.scratchBytes, kSharedBytes)
            << name << " " << kernel.name;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Architectures, GpuCode,
                         testing::Values("sm_80", "sm_90a"));

} // namespace
