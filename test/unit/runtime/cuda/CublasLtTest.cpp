//===- CublasLtTest.cpp - Tests of runtime/cuda/CublasLt ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CublasLt.h"

#include "test/unit/runtime/cuda/FakeProducts.h"

using namespace heed;
using namespace heed::test;

namespace {

class CublasLtTest : public FakeProducts {
protected:
  CublasLt library;
};

TEST_F(CublasLtTest, FindsAllFunctions) {
  ASSERT_TRUE(library.load(HEED_FAKE_CUBLASLT));
  EXPECT_EQ(library.start().message(), "");
#define HEED_CUBLASLT(result, name, parameters)                                \
  EXPECT_TRUE(library.name) << #name;
#include "runtime/cuda/CublasLtSymbols.def"
#undef HEED_CUBLASLT
  EXPECT_EQ(library.describe(), std::string("cuBLASLt (") + HEED_FAKE_CUBLASLT +
                                    ", version 120405)");
  EXPECT_EQ(lt->handles, 1);
  library.close();
}

TEST_F(CublasLtTest, NoLibrary) {
  EXPECT_FALSE(library.load("/none/libcublasLt.so.13"));
  EXPECT_FALSE(library.handle());
}

TEST_F(CublasLtTest, AFunctionIsMissing) {
  ASSERT_TRUE(library.load(HEED_FAKE_BROKEN_CUBLASLT));
  Status error = library.start();
  EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
  EXPECT_EQ(error.message(), std::string(HEED_FAKE_BROKEN_CUBLASLT) +
                                 ": no function 'cublasLtMatmul' found, "
                                 "cuBLASLt of CUDA 11.4 or newer wanted");
}

TEST_F(CublasLtTest, DoesNotStart) {
  ASSERT_TRUE(library.load(HEED_FAKE_CUBLASLT));
  failLt("cublasLtCreate", 1, 3);
  Status error = library.start();
  EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
  EXPECT_EQ(error.message(),
            std::string(HEED_FAKE_CUBLASLT) +
                ": cublasLtCreate: CUBLAS_STATUS_ALLOC_FAILED (error 3)");
  EXPECT_FALSE(library.handle());
}

TEST_F(CublasLtTest, Errors) {
  ASSERT_TRUE(library.load(HEED_FAKE_CUBLASLT));
  ASSERT_FALSE(library.start());
  EXPECT_FALSE(library.check(0, "f"));
  Status error = library.check(7, "f");
  EXPECT_EQ(error.code(), HEED_DEVICE_FAILED);
  EXPECT_EQ(error.message(), "f: CUBLAS_STATUS_INVALID_VALUE (error 7)");
  library.close();
}

} // namespace
