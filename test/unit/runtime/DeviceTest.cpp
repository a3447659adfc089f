//===- DeviceTest.cpp - Tests of runtime/Device ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Device.h"

#include "test/unit/runtime/TinyModel.h"

#include "runtime/cpu/Processor.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::test;

namespace {

TEST(DeviceTest, UnknownDevicesAreNamed) {
  std::string bytes = tinyBuilder().build();
  Package package;
  ASSERT_FALSE(package.copy(bytes.data(), bytes.size(), "p"));
  std::unique_ptr<Device> device;
  for (const char *name : {"", "CPU", "cuda:", "cpu ", "cuda:x", "cuda:-1",
                           "cuda 0", "cuda:99999999999", "cud"}) {
    Status error = openDevice(name, package, {1}, device);
    EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
    EXPECT_EQ(error.message(), std::string("no device '") + name +
                                   "', wanted auto, cpu, cuda or cuda:N");
    EXPECT_FALSE(device);
  }
}

/// Opens `builder`'s package where there is no GPU; returns the message.
std::string openWithoutGpu(const char *name, const PackageBuilder &builder) {
  std::string bytes = PackageBuilder(builder).build();
  Package package;
  EXPECT_FALSE(package.copy(bytes.data(), bytes.size(), "p"));
  std::unique_ptr<Device> device;
  return openDevice(name, package, {1, "/no/driver"}, device).message();
}

TEST(DeviceTest, ThePackageDecides) {
  PackageBuilder cpu = tinyBuilder(), gpu = forGpu(tinyBuilder());
  std::string noDriver = "no CUDA driver found: /no/driver: cannot open shared "
                         "object file: No such file or directory";
  EXPECT_EQ(openWithoutGpu("auto", cpu), "");
  EXPECT_EQ(openWithoutGpu("auto", gpu), noDriver);
  EXPECT_EQ(openWithoutGpu("cuda:3", gpu), noDriver);
  EXPECT_EQ(openWithoutGpu("cpu", gpu), "p: made for sm_80, device cpu runs "
                                        "x86-64-v3 and x86-64-v4 packages");
  EXPECT_EQ(openWithoutGpu("cuda", cpu), "p: made for x86-64-v3, device cuda "
                                         "runs sm_80 and sm_90a packages");
}

TEST(DeviceTest, Facts) {
  DeviceFacts facts;
  EXPECT_FALSE(describeDevice("cpu", {}, facts));
  EXPECT_EQ(facts.target, processorTarget());
  EXPECT_EQ(facts.text, "cpu (" + processorTarget() + ")");
  EXPECT_EQ(describeDevice("cuda:1", {1, "/no/driver"}, facts).code(),
            HEED_NO_SUCH_DEVICE);
  for (const char *name : {"x", "cuda:"})
    EXPECT_EQ(describeDevice(name, {}, facts).message(),
              std::string("no device '") + name +
                  "', wanted auto, cpu, cuda or cuda:N");
  EXPECT_EQ(facts.target, processorTarget()) << "a failure writes nothing";
}

TEST(DeviceTest, AutoSaysWhyItIsTheCpu) {
  DeviceFacts facts;
  EXPECT_FALSE(describeDevice("auto", {1, "/no/driver"}, facts));
  EXPECT_EQ(facts.name, "cpu");
  EXPECT_EQ(facts.missing,
            "no CUDA driver found: /no/driver: cannot open shared "
            "object file: No such file or directory");
}

TEST(DeviceTest, ProductLibrariesAreTriedNewestFirst) {
  std::vector<std::string> names = defaultProductLibraries();
  ASSERT_EQ(names.size(), 6u);
  EXPECT_EQ(names[0], "libcublasLt.so.13");
  EXPECT_EQ(names[2], "libcublasLt.so.11");
  EXPECT_EQ(names[3], "/usr/local/cuda/lib64/libcublasLt.so.13");
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
