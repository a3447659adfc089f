//===- PackageTest.cpp - Tests of runtime/Package -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Package.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::test;

namespace {

TEST(PackageTest, FileAndCopyReadTheSame) {
  std::string bytes = tinyBuilder().build();
  std::string path = testing::TempDir() + "heed-package-test.heed";
  writeFile(path, bytes);
  Package mapped, copied;
  Status error = mapped.open(path);
  ASSERT_FALSE(error) << error.message();
  ASSERT_FALSE(copied.copy(bytes.data(), bytes.size(), "copy"));
  bytes.assign(bytes.size(), 'x'); // The copy is its own.
  EXPECT_EQ(mapped.name(), path);
  EXPECT_EQ(copied.name(), "copy");
  for (const Package *package : {&mapped, &copied}) {
    EXPECT_EQ(package->header().vocabulary, uint32_t(V));
    ASSERT_EQ(package->entries().size(), 2u);
    EXPECT_EQ(package->string(package->entries()[1].name), "decode");
    EXPECT_EQ(package->kernels().size(), 4u);
    EXPECT_EQ(package->caches()[1].window, 5u);
    EXPECT_EQ(package->fields().size(), 4u);
    ASSERT_EQ(package->stopIds().size(), 2u);
    EXPECT_EQ(package->stopIds()[1], 7);
    EXPECT_EQ(package->blob(package->header().metadata),
              "{\"made\":\"by hand\"}");
  }
}

TEST(PackageTest, MovesWithItsMemory) {
  std::string bytes = tinyBuilder().build();
  Package package;
  ASSERT_FALSE(package.copy(bytes.data(), bytes.size(), "copy"));
  Package moved = std::move(package);
  EXPECT_EQ(moved.string(moved.entries()[0].name), "prefill");
}

TEST(PackageTest, FailureKeepsWhatWasThere) {
  std::string bytes = tinyBuilder().build();
  Package package;
  ASSERT_FALSE(package.copy(bytes.data(), bytes.size(), "good"));
  EXPECT_EQ(package.open("/nowhere.heed").message(),
            "/nowhere.heed: cannot be read: No such file or directory");
  EXPECT_EQ(package.copy("", 0, "empty").message(),
            "empty: cut short, 0 bytes found, a header has 312");
  EXPECT_EQ(package.name(), "good");
  EXPECT_EQ(package.entries().size(), 2u);
}

} // namespace
