//===- CudaContextTest.cpp - Tests of runtime/cuda/CudaContext ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaContext.h"

#include "test/unit/runtime/cuda/FakeDriver.h"

using namespace heed;
using namespace heed::test;

namespace {

using CudaContextTest = FakeDriver;

TEST_F(CudaContextTest, SaysWhatItIs) {
  fake->devices = 3;
  fake->minor = 2;
  CudaContext context;
  ASSERT_FALSE(context.open(library, 2));
  EXPECT_EQ(fake->contexts, 1);
  EXPECT_EQ(context.name(), "cuda:2");
  EXPECT_EQ(context.describe(), "cuda:2 (Fake GPU, sm_92)");
  EXPECT_EQ(context.major(), 9);
  EXPECT_EQ(context.minor(), 2);
  EXPECT_EQ(context.sharedBytes(), 227 << 10);
  EXPECT_EQ(context.multiprocessors(), 132);
  Status error = context.check(2, "cuX");
  EXPECT_EQ(error.code(), HEED_DEVICE_FAILED);
  EXPECT_EQ(error.message(), "cuda:2: cuX: out of memory (error 2)");
}

TEST_F(CudaContextTest, IsCurrentOnlyForAWhile) {
  CudaContext context;
  ASSERT_FALSE(context.open(library, 0));
  EXPECT_EQ(fake->current, 0);
  {
    CudaCurrent current(context);
    EXPECT_EQ(fake->current, 1);
  }
  EXPECT_EQ(fake->current, 0);
}

TEST_F(CudaContextTest, NoSuchGpu) {
  fake->devices = 2;
  CudaContext context;
  Status error = context.open(library, 2);
  EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
  EXPECT_EQ(error.message(), "no device cuda:2, the driver has 2");
}

TEST_F(CudaContextTest, EveryCallMayFail) {
  for (const char *function :
       {"cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName",
        "cuDeviceGetAttribute", "cuDevicePrimaryCtxRetain"}) {
    fail(function, 1, 7);
    CudaContext context;
    Status error = context.open(library, 0);
    EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
    EXPECT_EQ(error.message(), "cuda:0: " + std::string(function) +
                                   ": the fake has failed (error 7)");
  }
  fail("cuDevicePrimaryCtxRetain", 1, 2);
  CudaContext context;
  EXPECT_EQ(context.open(library, 0).code(), HEED_OUT_OF_MEMORY);
}

} // namespace
