//===- CpuDeviceTest.cpp - Tests of runtime/cpu/CpuDevice -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What is special about the CPU; the rest is in the conformance suite.
///
//===----------------------------------------------------------------------===//

#include "runtime/cpu/CpuDevice.h"

#include "test/unit/runtime/TinyModel.h"

#include "runtime/cpu/Processor.h"

#include <gtest/gtest.h>

#include <fstream>
#include <functional>

using namespace heed;
using namespace heed::test;

namespace {

Status open(const std::function<void(PackageBuilder &)> &change,
            int threads = 1) {
  PackageBuilder builder = tinyBuilder();
  change(builder);
  std::string bytes = builder.build();
  Package package;
  std::unique_ptr<Device> device;
  if (Status error = package.copy(bytes.data(), bytes.size(), "p"))
    return error;
  Status error = CpuDevice::open(package, threads, device);
  EXPECT_EQ(bool(device), !error);
  return error;
}

TEST(CpuDeviceTest, KernelsMustBeThere) {
  EXPECT_FALSE(open([](auto &) {}));
  EXPECT_EQ(open([](auto &b) { b.kernel("missing", 0); }).message(),
            "p: code: no function 'missing' found");
  EXPECT_EQ(open([](auto &b) { b.kernel("counter", 0); }).message(),
            "p: code: no function 'counter' found");
  Status error = open([](auto &b) { b.code = "no ELF"; });
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(), "p: code: 6 bytes found, an ELF header has 64");
}

TEST(CpuDeviceTest, TargetsMustFitTheProcessor) {
  Status error = open([](auto &b) { strcpy(b.header.target, "x86-64-v4"); });
  if (processorTarget() == "x86-64-v4")
    EXPECT_FALSE(error);
  else
    EXPECT_EQ(error.message(),
              "p: made for x86-64-v4, this processor is " + processorTarget());
  error = open([](auto &b) {
    strcpy(b.header.target, "sm_90a");
    for (heed_package_kernel &kernel : b.kernels)
      kernel.threads = 128;
  });
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(
      error.message(),
      "p: made for sm_90a, device cpu runs x86-64-v3 and x86-64-v4 packages");
}

TEST(CpuDeviceTest, Threads) {
  EXPECT_FALSE(open([](auto &) {}, 0));
  EXPECT_FALSE(open([](auto &) {}, 64));
  EXPECT_EQ(open([](auto &) {}, -1).code(), HEED_INVALID_ARGUMENT);
  EXPECT_EQ(open([](auto &) {}, 1025).code(), HEED_INVALID_ARGUMENT);
}

/// Returns the resident bytes of this process.
int64_t residentBytes() {
  int64_t pages = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> pages >> resident;
  return resident * pageBytes();
}

/// A cache costs what its tokens need, not what they might.
TEST(CpuDeviceTest, UntouchedMemoryIsNotResident) {
  TinySession small(tinyBuilder().build(), 1, 4);
  int64_t before = residentBytes();
  heed_cache *cache = nullptr;
  // 16 MiB of positions are written, 256 MiB of fields are not.
  ASSERT_EQ(heed_cache_create(small.model, 4, 1 << 20, &cache), HEED_OK);
  EXPECT_GT(heed_cache_bytes(cache), int64_t(256) << 20);
  EXPECT_LT(residentBytes() - before, int64_t(128) << 20);
  heed_cache_destroy(cache);
  EXPECT_LT(residentBytes() - before, int64_t(64) << 20);
}

} // namespace
