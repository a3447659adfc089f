//===- EmitPackageTest.cpp - From lowered groups to a package -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/EmitPackage.h"

#include "dialects/tile/Tile.h"
#include "heed-c/Package.h"
#include "test/unit/passes/lower/PackageReader.h"

#include "mlir/Pass/PassManager.h"
#include "gtest/gtest.h"

using namespace heed;

namespace {

TEST(EmitPackage, DescribesModelAndCaches) {
  StepModule step("bf16", 24);
  step.addCache("k : ring(20, sinks 3) 2x8xbf16, v : ring(20, sinks 3) "
                "2x8xbf16");
  step.addCache("k : token 1x4xbf16 until decode");
  PackageReader package;
  ASSERT_EQ(package.compile(step, passBy, 24), "");
  EXPECT_EQ(package.header().vocabulary, uint32_t(StepModule::vocabulary));
  EXPECT_TRUE(
      package.text(package.header().metadata).contains("\"name\":\"test\""));
  auto caches = package.table<heed_package_cache>(package.header().caches);
  ASSERT_EQ(caches.size(), 2u);
  EXPECT_EQ(caches[0].window, 20u);
  EXPECT_EQ(caches[0].sinks, 3u);
  EXPECT_EQ(caches[0].field_count, 2u);
  EXPECT_EQ(caches[0].until_decode, 0u);
  EXPECT_EQ(caches[1].first_field, 2u);
  EXPECT_EQ(caches[1].until_decode, 1u);
  auto fields = package.table<heed_package_field>(package.header().fields);
  ASSERT_EQ(fields.size(), 3u);
  EXPECT_EQ(package.string(fields[1].name), "v");
  EXPECT_EQ(fields[1].heads, 2u);
  EXPECT_EQ(fields[1].width, 8u);
  EXPECT_EQ(fields[1].dtype, uint32_t(HEED_BF16));
}

/// Packs the kernels of a module with an image that has no code, but tensor
/// maps: none for the first kernel, one for the second, two for the third. The
/// second is persistent.
llvm::Expected<std::vector<char>> packForHopper(mlir::ModuleOp module) {
  mlir::PassManager manager(module.getContext());
  buildLowerPipeline(manager, "sm_90a");
  EXPECT_TRUE(llvm::succeeded(manager.run(module)));
  KernelImage image;
  uint32_t number = 0;
  for (auto kernel : module.getOps<tile::KernelOp>()) {
    image.kernels.push_back(
        {kernel.getName().str(), "k", 0, 128, {}, number == 1});
    for (uint32_t i = 0; i != number; ++i)
      image.kernels.back().maps.push_back({number, i, 64 * number, 8});
    ++number;
  }
  llvm::FailureOr<std::vector<char>> package =
      emitPackage(module, image, {"sm_90a", "", ""});
  EXPECT_TRUE(llvm::succeeded(package));
  return *package;
}

TEST(EmitPackage, DescribesKernelsForHopper) {
  PackageReader package;
  std::string text = PackageReader::write(StepModule("bf16", 24), passBy, 24);
  ASSERT_EQ(package.readText(text, packForHopper), "");
  auto kernels = package.table<heed_package_kernel>(package.header().kernels);
  auto maps = package.table<heed_package_map>(package.header().maps);
  ASSERT_GE(kernels.size(), 3u);
  ASSERT_EQ(maps.size(), kernels.size() * (kernels.size() - 1) / 2);
  EXPECT_EQ(kernels[1].map_count, 1u);
  EXPECT_EQ(kernels[2].map_count, 2u);
  EXPECT_EQ(kernels[2].first_map, 1u);
  EXPECT_EQ(kernels[0].persistent, 0u);
  EXPECT_EQ(kernels[1].persistent, 1u);
  EXPECT_EQ(kernels[2].persistent, 0u);
  EXPECT_EQ(maps[2].buffer, 2u);
  EXPECT_EQ(maps[2].rows, 1u);
  EXPECT_EQ(maps[2].columns, 128u);
  EXPECT_EQ(maps[2].box_rows, 8u);
}

TEST(EmitPackage, RefusesCachesThatNothingFills) {
  StepModule step("f32", 24);
  step.addCache("s : sequence 4xf32");
  PackageReader package;
  EXPECT_NE(package.compile(step, passBy, 24).find("'token' or 'ring'"),
            std::string::npos);
}

TEST(EmitPackage, RefusesWhatIsNoStep) {
  StepModule step("f32", 24);
  PackageReader package;
  std::string text = step.write(passBy, 24);
  auto replaced = [&](llvm::StringRef from, llvm::StringRef to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to.str());
    return package.compileText(other);
  };
  EXPECT_NE(replaced("vocabulary = 13", "vocabulary = 14")
                .find("and caches to 'tensor<?x?x14xf32>'"),
            std::string::npos);
  EXPECT_NE(replaced("attn.model = {", "attn.other = {")
                .find("found no attribute 'attn.model'"),
            std::string::npos);
}

TEST(EmitPackage, HasBothEntries) {
  StepModule step("f32", 24);
  PackageReader package;
  ASSERT_EQ(package.compile(step, passBy, 24), "");
  auto entries = package.table<heed_package_entry>(package.header().entries);
  ASSERT_EQ(entries.size(), 2u);
  EXPECT_EQ(package.string(entries[0].name), "prefill");
  EXPECT_EQ(package.string(entries[1].name), "decode");
  EXPECT_EQ(entries[1].first_command, entries[0].command_count);
}

} // namespace
