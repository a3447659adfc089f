//===- FakeProducts.h - Tests with the fake cuBLASLt ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Loads FakeCublasLt.c beside the fake driver, and demands at the end that
/// everything was given back.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_RUNTIME_CUDA_FAKEPRODUCTS_H
#define HEED_TEST_UNIT_RUNTIME_CUDA_FAKEPRODUCTS_H

#include "test/unit/runtime/cuda/FakeCublasLt.h"
#include "test/unit/runtime/cuda/FakeDriver.h"

namespace heed::test {

class FakeProducts : public FakeDriver {
protected:
  void SetUp() override {
    FakeDriver::SetUp();
    products = dlopen(HEED_FAKE_CUBLASLT, RTLD_NOW | RTLD_LOCAL);
    ASSERT_TRUE(products) << dlerror();
    lt = reinterpret_cast<FakeCublasLt *(*)()>(
        dlsym(products, "fakeCublasLt"))();
    reinterpret_cast<void (*)()>(dlsym(products, "fakeCublasLtReset"))();
  }
  void TearDown() override {
    for (int held : {lt->handles, lt->products, lt->layouts, lt->preferences})
      EXPECT_EQ(held, 0);
    dlclose(products);
    FakeDriver::TearDown();
  }

  void failLt(const char *function, int call, int result) {
    reinterpret_cast<void (*)(const char *, int, int)>(
        dlsym(products, "fakeCublasLtFail"))(function, call, result);
  }

  FakeCublasLt *lt = nullptr;

private:
  void *products = nullptr;
};

} // namespace heed::test

#endif // HEED_TEST_UNIT_RUNTIME_CUDA_FAKEPRODUCTS_H
