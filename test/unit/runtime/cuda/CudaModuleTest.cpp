//===- CudaModuleTest.cpp - Tests of runtime/cuda/CudaModule --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaModule.h"

#include "test/unit/runtime/cuda/FakeDriver.h"

using namespace heed;
using namespace heed::test;

namespace {

const std::string text(".visible .entry one(\0", 21), cubin("\x7f"
                                                            "ELF\2\1");

class CudaModuleTest : public FakeDriver {
protected:
  /// Says how `code` is loaded by a GPU of `major`.`minor`, and how `kernel` is
  /// found in it.
  Status load(const std::string &code, CudaKernel kernel = {"one"}) {
    CudaContext context;
    Status error = context.open(library, 0);
    EXPECT_FALSE(error);
    CudaCurrent current(context);
    CudaModule module;
    if (Status error = module.load(context, code))
      return error;
    return module.find(kernel);
  }
  std::string check(int major, int minor, const char *target,
                    const std::string &code) {
    fake->major = major;
    fake->minor = minor;
    CudaContext context;
    EXPECT_FALSE(context.open(library, 0));
    Status error = checkGpu(context, target, code);
    EXPECT_EQ(error.code(), error ? HEED_BAD_PACKAGE : HEED_OK);
    return error.message();
  }
};

TEST_F(CudaModuleTest, Targets) {
  for (const char *target : {"sm_80", "sm_90a"})
    EXPECT_FALSE(checkGpuTarget(target));
  for (const char *target : {"x86-64-v3", "sm_90", "sm_70", "sm_"}) {
    Status error = checkGpuTarget(target);
    EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
    EXPECT_EQ(error.message(),
              std::string("made for ") + target +
                  ", device cuda runs sm_80 and sm_90a packages");
  }
}

TEST_F(CudaModuleTest, Architectures) {
  for (int minor : {0, 6, 9}) {
    EXPECT_EQ(check(8, minor, "sm_80", text), "");
    EXPECT_EQ(check(8, minor, "sm_80", cubin), "");
  }
  for (int major : {9, 10, 12})
    EXPECT_EQ(check(major, 0, "sm_80", text), "");
  EXPECT_EQ(check(9, 0, "sm_90a", text), "");
  EXPECT_EQ(check(9, 0, "sm_90a", cubin), "");
  EXPECT_EQ(check(9, 0, "sm_80", cubin),
            "a cubin for sm_80 found, which cuda:0 (Fake GPU, sm_90) does not "
            "run");
  EXPECT_EQ(check(7, 5, "sm_80", text),
            "PTX for sm_80 found, which cuda:0 (Fake GPU, sm_75) does not run");
  for (const std::string &code : {text, cubin})
    for (int major : {8, 10, 12})
      EXPECT_NE(check(major, 0, "sm_90a", code), "");
  EXPECT_EQ(check(8, 6, "sm_90a", cubin),
            "a cubin for sm_90a found, which cuda:0 (Fake GPU, sm_86) does not "
            "run");
}

TEST_F(CudaModuleTest, Code) {
  EXPECT_FALSE(load(text));
  EXPECT_FALSE(load(cubin));
  for (const std::string &code : {std::string(), text.substr(0, 20)}) {
    Status error = load(code);
    EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
    EXPECT_EQ(error.message(),
              "code: " + std::to_string(code.size()) +
                  " bytes found that are neither a cubin nor PTX text with a "
                  "zero at its end");
  }
}

TEST_F(CudaModuleTest, TheLogOfTheDriverIsTheMessage) {
  fail("cuModuleLoadDataEx", 1, 218);
  EXPECT_EQ(load(text).message(),
            "cuda:0: cuModuleLoadDataEx: the fake has failed (error 218)");
  fake->log = "ptxas fatal\t: Unresolved extern\n\n  function 'x'\n";
  Status error = load(text);
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(),
            "cuda:0: cuModuleLoadDataEx: the fake has failed (error 218): "
            "ptxas fatal : Unresolved extern function 'x'");
  fail("cuModuleLoadDataEx", 1, 2);
  EXPECT_EQ(load(text).code(), HEED_OUT_OF_MEMORY);
}

TEST_F(CudaModuleTest, Kernels) {
  Status error = load(text, {"two"});
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(), "code: no kernel 'two' found");
  fake->threads = 128;
  EXPECT_FALSE(load(text, {"one", nullptr, 128, 0}));
  EXPECT_EQ(load(text, {"one", nullptr, 160, 0}).message(),
            "kernel 'one': 160 threads wanted, cuda:0 (Fake GPU, sm_90) runs "
            "at most 128 of it");
}

TEST_F(CudaModuleTest, SharedMemory) {
  EXPECT_FALSE(load(text, {"one", nullptr, 32, 48 << 10}));
  EXPECT_EQ(fake->largestShared, 0) << "so much is free";
  EXPECT_FALSE(load(text, {"one", nullptr, 32, (48 << 10) + 1}));
  EXPECT_EQ(fake->largestShared, (48 << 10) + 1);
  fake->sharedBytes = 163 << 10;
  EXPECT_EQ(load(text, {"one", nullptr, 32, 200000}).message(),
            "kernel 'one': 200000 bytes of shared memory wanted, cuda:0 (Fake "
            "GPU, sm_90) has 166912");
}

TEST_F(CudaModuleTest, EveryCallMayFail) {
  for (const char *function :
       {"cuModuleGetFunction", "cuFuncGetAttribute", "cuFuncSetAttribute"}) {
    fail(function, 1, 7);
    EXPECT_EQ(load(text, {"one", nullptr, 32, 100000}).message(),
              "cuda:0: " + std::string(function) +
                  ": the fake has failed (error 7)");
  }
}

} // namespace
