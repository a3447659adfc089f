//===- CudaDriverTest.cpp - Tests of runtime/cuda/CudaDriver --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaDriver.h"

#include "test/unit/runtime/cuda/FakeDriver.h"

using namespace heed;
using namespace heed::test;

namespace {

class CudaDriverTest : public FakeDriver {
protected:
  std::string open(const std::string &path) {
    CudaDriver driver;
    Status error = driver.open(path);
    EXPECT_EQ(error.code(), error ? HEED_NO_SUCH_DEVICE : HEED_OK);
    return error.message();
  }
};

TEST_F(CudaDriverTest, FindsAllFunctions) {
  CudaDriver driver;
  ASSERT_FALSE(driver.open(library));
#define HEED_CUDA(name, parameters) EXPECT_TRUE(driver.name) << #name;
#include "runtime/cuda/CudaSymbols.def"
#undef HEED_CUDA
}

TEST_F(CudaDriverTest, NoDriver) {
  EXPECT_EQ(open("/none/libcuda.so.1"),
            "no CUDA driver found: /none/libcuda.so.1: cannot open shared "
            "object file: No such file or directory");
  EXPECT_EQ(open(HEED_TEST_KERNELS),
            std::string(HEED_TEST_KERNELS) +
                ": no function 'cuInit' found, a CUDA driver wanted");
}

TEST_F(CudaDriverTest, TooOld) {
  fake->version = 11080;
  EXPECT_EQ(open(library),
            library + ": driver for CUDA 11.8 found, 12.0 or newer wanted");
  fake->version = 12000;
  EXPECT_EQ(open(library), "");
}

TEST_F(CudaDriverTest, NoGpu) {
  fail("cuInit", 1, 100);
  EXPECT_EQ(open(library),
            library + ": cuInit: the fake has failed (error 100)");
}

TEST_F(CudaDriverTest, Errors) {
  CudaDriver driver;
  ASSERT_FALSE(driver.open(library));
  EXPECT_EQ(driver.describe(2), "out of memory (error 2)");
  EXPECT_EQ(driver.describe(999), "error 999") << "unknown to the driver";
  EXPECT_FALSE(driver.check(0, "cuX", HEED_INTERNAL));
  Status error = driver.check(2, "cuX", HEED_INTERNAL);
  EXPECT_EQ(error.code(), HEED_INTERNAL);
  EXPECT_EQ(error.message(), "cuX: out of memory (error 2)");
}

} // namespace
