//===- AssembleTest.cpp - The assembler and its report --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Assemble.h"
#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include "llvm/Support/FileSystem.h"

#include <gtest/gtest.h>

#include <fstream>

using namespace heed;
using namespace heed::nvgpu;
using namespace heed::test;

namespace {

TEST(Assemble, ReadsWarningsOfLostTime) {
  GpuImage image;
  image.kernels.resize(2);
  image.kernels[0].symbol = "one";
  image.kernels[1].symbol = "two";
  image.reports.resize(2);
  std::string serial = "ptxas info    : (C7512) Potential Performance Loss: "
                       "wgmma.mma_async instructions are serialized due to "
                       "insufficient register resources for the function 'two'";
  std::string ignored = "ptxas warning : setmaxnreg ignored to maintain "
                        "minimum register requirements of 'one'";
  readReport(serial + "\n" + ignored + "\nptxas info    : 0 bytes gmem\n",
             image);
  EXPECT_EQ(image.reports[0].warnings, std::vector<std::string>{ignored});
  EXPECT_EQ(image.reports[1].warnings, std::vector<std::string>{serial});
}

TEST(Assemble, ReadsTheReport) {
  GpuImage image;
  image.kernels.resize(2);
  image.kernels[0].symbol = "one";
  image.kernels[1].symbol = "two";
  image.reports.resize(2);
  readReport(
      "ptxas info    : 0 bytes gmem\n"
      "ptxas info    : Compiling entry function 'two' for 'sm_80'\n"
      "ptxas info    : Function properties for two\n"
      "    16 bytes stack frame, 20 bytes spill stores, 24 bytes spill loads\n"
      "ptxas info    : Used 255 registers, used 1 barriers, 424 bytes cmem[0]\n"
      "ptxas info    : Compiling entry function 'other' for 'sm_80'\n"
      "ptxas info    : Used 7 registers\n"
      "ptxas info    : Compiling entry function 'one' for 'sm_80'\n"
      "    0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads\n"
      "ptxas info    : Used 33 registers\n",
      image);
  EXPECT_EQ(image.reports[0].registers, 33);
  EXPECT_EQ(image.reports[0].spillBytes, 0);
  EXPECT_EQ(image.reports[1].registers, 255);
  EXPECT_EQ(image.reports[1].spillBytes, 44);
}

class Toolkit : public testing::Test {
protected:
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("toolkit", folder));
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  /// Puts a script in the place of the assembler.
  std::string write(const std::string &script) {
    std::string bin = (folder + "/bin").str(), path = bin + "/ptxas";
    llvm::sys::fs::create_directories(bin);
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    llvm::sys::fs::setPermissions(path, llvm::sys::fs::all_all);
    return path;
  }

  llvm::SmallString<128> folder;
};

TEST_F(Toolkit, IsFoundInItsFolder) {
  std::string path = write("exit 0");
  EXPECT_EQ(llvm::cantFail(findAssembler(folder)), path);
}

TEST_F(Toolkit, IsMissedByName) {
  llvm::Expected<std::string> found = findAssembler(folder);
  ASSERT_FALSE(bool(found));
  EXPECT_EQ(llvm::toString(found.takeError()),
            ("no bin/ptxas in the toolkit " + folder).str());
}

TEST_F(Toolkit, FailsWithItsFirstLine) {
  std::string path = write("echo 'line 3: bad'; echo more; exit 1");
  GpuImage image;
  EXPECT_EQ(llvm::toString(assemble(path, "sm_80", image)),
            "the assembler " + path + " failed: line 3: bad");
  EXPECT_TRUE(image.cubin.empty());
}

TEST_F(Toolkit, GetsThePtxAndTheArchitecture) {
  std::string path = write("echo $2 > $5; cat $3 >> $5");
  GpuImage image;
  image.ptx = "text";
  EXPECT_EQ(llvm::toString(assemble(path, "sm_90a", image)), "");
  EXPECT_EQ(std::string(image.cubin.begin(), image.cubin.end()),
            "-arch=sm_90a\ntext");
}

} // namespace
