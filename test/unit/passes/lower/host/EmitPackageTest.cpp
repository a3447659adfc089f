//===- EmitPackageTest.cpp - From lowered groups to a package -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/EmitPackage.h"

#include "heed-c/Package.h"
#include "test/unit/passes/lower/PackageReader.h"

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
