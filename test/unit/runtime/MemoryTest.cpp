//===- MemoryTest.cpp - Tests of runtime/Memory ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory.h"

#include "test/unit/runtime/PackageBuilder.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::test;

namespace {

TEST(MemoryTest, PagesAreZeroAndMove) {
  Pages pages;
  ASSERT_FALSE(pages.allocate(10000, "test"));
  EXPECT_GE(pages.size(), 10000);
  for (int64_t i = 0; i != pages.size(); ++i)
    ASSERT_EQ(pages.data()[i], 0);
  char *data = pages.data();
  data[9999] = 1;
  Pages moved = std::move(pages);
  EXPECT_EQ(moved.data(), data);
  EXPECT_EQ(moved.data()[9999], 1);
  EXPECT_EQ(pages.data(), nullptr);
}

TEST(MemoryTest, FailureKeepsWhatWasThere) {
  Pages pages;
  ASSERT_FALSE(pages.allocate(1, "test"));
  char *data = pages.data();
  for (int64_t wrong : {int64_t(-1), INT64_MAX, int64_t(1) << 60}) {
    Status error = pages.allocate(wrong, "test");
    EXPECT_EQ(error.code(), HEED_OUT_OF_MEMORY);
    EXPECT_EQ(error.message().rfind("test: ", 0), 0u);
    EXPECT_EQ(pages.data(), data);
  }
  ASSERT_FALSE(pages.allocate(0, "test"));
  EXPECT_EQ(pages.data(), nullptr);
}

TEST(MemoryTest, MappedFile) {
  std::string path = testing::TempDir() + "heed-memory-test";
  writeFile(path, "twelve bytes");
  MappedFile file;
  ASSERT_FALSE(file.open(path, HEED_BAD_WEIGHTS));
  EXPECT_EQ(std::string(file.data(), file.size()), "twelve bytes");
  writeFile(path, "");
  ASSERT_FALSE(file.open(path, HEED_BAD_WEIGHTS));
  EXPECT_EQ(file.size(), 0u);
}

TEST(MemoryTest, NoFile) {
  MappedFile file;
  Status error = file.open("/nowhere/at/all", HEED_BAD_WEIGHTS);
  EXPECT_EQ(error.code(), HEED_BAD_WEIGHTS);
  EXPECT_EQ(error.message(),
            "/nowhere/at/all: cannot be read: No such file or directory");
  error = file.open("/", HEED_BAD_PACKAGE);
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(), "/: cannot be read: Is a directory");
  EXPECT_TRUE(file.open("/dev/zero", HEED_BAD_PACKAGE));
}

} // namespace
