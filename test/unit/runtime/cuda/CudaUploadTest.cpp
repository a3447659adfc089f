//===- CudaUploadTest.cpp - Tests of runtime/cuda/CudaUpload --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaUpload.h"

#include "test/unit/runtime/cuda/FakeDriver.h"

#include <optional>

using namespace heed;
using namespace heed::test;

namespace {

class CudaUploadTest : public FakeDriver {
protected:
  void SetUp() override {
    FakeDriver::SetUp();
    context.emplace();
    ASSERT_FALSE(context->open(library, 0));
    CudaCurrent current(*context);
    driver().cuStreamCreate(&stream, 0);
  }
  void TearDown() override {
    {
      CudaCurrent current(*context);
      driver().cuStreamDestroy_v2(stream);
    }
    context.reset();
    FakeDriver::TearDown();
  }

  const CudaDriver &driver() { return context->driver(); }

  /// Copies `bytes` bytes there and back.
  Status upload(CudaUpload &upload, int64_t bytes) {
    std::string from(bytes, '\0'), found(bytes, '\0');
    for (int64_t i = 0; i != bytes; ++i)
      from[i] = char(i * 7 + i / 1000);
    CudaCurrent current(*context);
    CuAddress address = 0;
    driver().cuMemAlloc_v2(&address, bytes);
    Status error = upload.copy(*context, stream, address, from.data(), bytes);
    driver().cuMemcpyDtoHAsync_v2(&found[0], address, bytes, stream);
    if (!error)
      EXPECT_TRUE(found == from) << bytes;
    driver().cuMemFree_v2(address);
    return error;
  }

  std::optional<CudaContext> context;
  CuStream stream = nullptr;
};

TEST_F(CudaUploadTest, AllSizes) {
  const int64_t piece = CudaUpload::pieceBytes;
  CudaUpload uploader;
  for (int64_t bytes : {int64_t(1), piece - 1, piece, piece + 1, 3 * piece + 5})
    EXPECT_FALSE(upload(uploader, bytes));
  EXPECT_EQ(fake->pinnedBytes, size_t(2 * piece)) << "two, whatever the size";
  EXPECT_EQ(fake->events, 2);
  CudaCurrent current(*context);
  uploader.release();
  EXPECT_EQ(fake->pinnedBytes, 0u);
}

TEST_F(CudaUploadTest, OnePieceForLittle) {
  CudaUpload uploader;
  EXPECT_FALSE(upload(uploader, 10));
  EXPECT_EQ(fake->pinnedBytes, size_t(CudaUpload::pieceBytes));
  CudaCurrent current(*context);
  uploader.release();
}

TEST_F(CudaUploadTest, EveryCallMayFail) {
  for (const char *function : {"cuEventCreate", "cuMemcpyHtoDAsync_v2",
                               "cuEventRecord", "cuEventSynchronize"}) {
    fail(function, 1, 7);
    CudaUpload uploader;
    Status error = upload(uploader, 3 * CudaUpload::pieceBytes);
    EXPECT_EQ(error.code(), HEED_DEVICE_FAILED) << function;
    EXPECT_NE(error.message().find("the fake has failed"), std::string::npos);
    CudaCurrent current(*context);
    uploader.release();
  }
  fail("cuMemHostAlloc", 2, 2);
  CudaUpload uploader;
  Status error = upload(uploader, 2 * CudaUpload::pieceBytes);
  EXPECT_EQ(error.code(), HEED_OUT_OF_MEMORY);
  EXPECT_EQ(error.message(), "cuda:0: 16777216 bytes of pinned memory wanted: "
                             "out of memory (error 2)");
  CudaCurrent current(*context);
  uploader.release();
}

} // namespace
