//===- DeviceTest.cpp - Tests of runtime/Device ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::test;

namespace {

TEST(DeviceTest, UnknownDevicesAreNamed) {
  std::string bytes = tinyBuilder().build();
  Package package;
  ASSERT_FALSE(package.copy(bytes.data(), bytes.size(), "p"));
  std::unique_ptr<Device> device;
  for (const char *name : {"", "CPU", "cuda:0", "cpu "}) {
    Status error = openDevice(name, package, 1, device);
    EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
    EXPECT_EQ(error.message(),
              std::string("no device '") + name + "', there is 'cpu'");
    EXPECT_FALSE(device);
  }
}

/// Compares the ring rule with a ring that is moved by hand.
TEST(DeviceTest, CacheEntry) {
  for (int64_t capacity = 1; capacity != 9; ++capacity)
    for (int64_t sinks = 0; sinks < capacity; ++sinks) {
      int64_t next = 0;
      for (int64_t n = 0; n != 40; ++n) {
        EXPECT_EQ(cacheEntry(n, sinks, capacity), next);
        if (++next == capacity)
          next = sinks;
      }
    }
}

} // namespace
