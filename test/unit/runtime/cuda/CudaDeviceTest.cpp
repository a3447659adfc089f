//===- CudaDeviceTest.cpp - Tests of runtime/cuda/CudaDevice --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaDevice.h"

#include "test/unit/runtime/TinyModel.h"
#include "test/unit/runtime/cuda/FakeDriver.h"

using namespace heed;
using namespace heed::test;

namespace {

class CudaDeviceTest : public FakeDriver {
protected:
  void SetUp() override {
    FakeDriver::SetUp();
    builder = forGpu(tinyBuilder());
  }
  void TearDown() override {
    device.reset();
    FakeDriver::TearDown();
  }

  /// Opens a device for what `builder` builds.
  Status open(int ordinal = 0) {
    std::string bytes = builder.build();
    if (Status error = package.copy(bytes.data(), bytes.size(), "m.heed"))
      return error;
    Status error = CudaDevice::open(package, {0, library, {}}, ordinal, device);
    EXPECT_EQ(bool(device), !error);
    return error;
  }
  template <typename T> std::vector<T> read(int64_t from, int64_t count) {
    std::vector<T> values(count);
    device->read(values.data(), from, count * sizeof(T));
    EXPECT_FALSE(device->finish());
    return values;
  }

  PackageBuilder builder;
  Package package;
  std::unique_ptr<Device> device;
};

TEST_F(CudaDeviceTest, PackagesForOthersAreRefused) {
  builder = tinyBuilder();
  EXPECT_EQ(open().message(), "m.heed: made for x86-64-v3, device cuda runs "
                              "sm_80 and sm_90a packages");
  builder = forGpu(tinyBuilder());
  std::strcpy(builder.header.target, "sm_90a");
  fake->major = 8;
  Status error = open();
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(), "m.heed: PTX for sm_90a found, which cuda:0 (Fake "
                             "GPU, sm_80) does not run");
  EXPECT_EQ(open(1).message(), "no device cuda:1, the driver has 1");
}

TEST_F(CudaDeviceTest, KernelsMustBeThere) {
  builder.kernel("missing", 0, 32);
  Status error = open();
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(), "m.heed: code: no kernel 'missing' found");
  builder.kernels.clear();
  builder.entries.clear();
  builder.commands.clear();
  builder.buffers.clear();
  builder.caches.clear();
  builder.fields.clear();
  builder.code.clear();
  builder.beginEntry("encode");
  builder.endEntry();
  error = open();
  EXPECT_FALSE(error) << error.message();
}

TEST_F(CudaDeviceTest, Memory) {
  ASSERT_FALSE(open());
  {
    DeviceMemory memory, other;
    ASSERT_FALSE(memory.allocate(*device, 100, "test"));
    ASSERT_FALSE(other.allocate(*device, 40, "test"));
    EXPECT_EQ(fake->usedBytes, 140u);
    EXPECT_EQ(read<char>(memory.address(), 100), std::vector<char>(100, 0));
    std::vector<int32_t> values = {1, 2, 3, 4, 5};
    device->write(memory.address() + 4, values.data(), 20);
    device->copy(other.address(), memory.address() + 8, 12);
    device->fill(other.address() + 12, -7, 3);
    device->discard(other.address() + 4, 4);
    EXPECT_EQ(read<int32_t>(other.address(), 6),
              (std::vector<int32_t>{2, 0, 4, -7, -7, -7}));
    ASSERT_FALSE(memory.allocate(*device, 0, "nothing"));
    EXPECT_EQ(fake->usedBytes, 40u);
    device->write(0, values.data(), 0);
    EXPECT_FALSE(device->finish());
  }
  EXPECT_EQ(fake->usedBytes, 0u);
}

TEST_F(CudaDeviceTest, OutOfMemory) {
  ASSERT_FALSE(open());
  DeviceMemory half, rest;
  ASSERT_FALSE(half.allocate(*device, 1 << 29, "half"));
  Status error = rest.allocate(*device, (1 << 29) + 1, "cache");
  EXPECT_EQ(error.code(), HEED_OUT_OF_MEMORY);
  EXPECT_EQ(error.message(),
            "cache: 536870913 bytes wanted, cuda:0 (Fake GPU, sm_90) has "
            "536870912 free of 1073741824");
  fail("cuMemAlloc_v2", 1, 7);
  error = rest.allocate(*device, 8, "cache");
  EXPECT_EQ(error.code(), HEED_DEVICE_FAILED);
  EXPECT_EQ(error.message(),
            "cache: cuda:0: cuMemAlloc: the fake has failed (error 7)");
  EXPECT_EQ(rest.allocate(*device, int64_t(1) << 40, "cache").code(),
            HEED_OUT_OF_MEMORY)
      << "whatever the driver calls it";
  fail("cuMemsetD8Async", 1, 7);
  EXPECT_EQ(rest.allocate(*device, 8, "cache").code(), HEED_DEVICE_FAILED);
  EXPECT_EQ(fake->usedBytes, size_t(1) << 29);
}

TEST_F(CudaDeviceTest, WeightsAreCopied) {
  ASSERT_FALSE(open());
  std::string host = "some weights";
  int64_t address = 0, none = 7;
  ASSERT_FALSE(device->adopt(host.data(), host.size(), 1, address));
  ASSERT_FALSE(device->adopt(host.data(), 0, 1, none));
  EXPECT_EQ(none, 0);
  EXPECT_GT(fake->pinnedBytes, 0u);
  std::string wanted = host;
  host.assign(host.size(), 'x');
  std::vector<char> found = read<char>(address, wanted.size());
  EXPECT_EQ(std::string(found.begin(), found.end()), wanted);
  EXPECT_EQ(fake->pinnedBytes, 0u) << "given back when all is uploaded";
  fake->totalBytes = fake->usedBytes + 10;
  Status error = device->adopt(host.data(), host.size(), 1, address);
  EXPECT_EQ(error.message(), "weights: 12 bytes wanted, cuda:0 (Fake GPU, "
                             "sm_90) has 10 free of 22");
}

TEST_F(CudaDeviceTest, LaunchesCarryWordsGridThreadsAndSharedMemory) {
  uint32_t kernel = builder.kernel("record", 100000, 96);
  ASSERT_FALSE(open());
  EXPECT_EQ(fake->largestShared, 100000);
  std::vector<int64_t> words = {3, -1, INT64_MIN};
  device->launch(kernel, words.data(), 3, 12345);
  device->launch(kernel, words.data(), 3, 0);
  ASSERT_EQ(fake->launchCount, 1) << "no programs, no launch";
  EXPECT_EQ(device->programsWanted(), 264);
  const FakeLaunch &launch = fake->launches[0];
  EXPECT_STREQ(launch.kernel, "record");
  EXPECT_EQ(launch.grid, 12345u);
  EXPECT_EQ(launch.threads, 96u);
  EXPECT_EQ(launch.sharedBytes, 100000u);
  ASSERT_EQ(launch.bytes, 24u);
  EXPECT_EQ(std::vector<int64_t>(launch.words, launch.words + 3), words);
}

TEST_F(CudaDeviceTest, PersistentKernelsHaveOneBlockPerMultiprocessor) {
  std::strcpy(builder.header.target, "sm_90a");
  builder.kernels[1].persistent = 1;
  fake->multiprocessors = 7;
  ASSERT_FALSE(open());
  int64_t word = 0;
  std::vector<unsigned> blocks;
  for (int64_t grid : {1, 7, 8, 100000}) {
    device->launch(1, &word, 1, grid);
    blocks.push_back(fake->launches[fake->launchCount - 1].grid);
  }
  EXPECT_EQ(blocks, (std::vector<unsigned>{1, 7, 7, 7}));
  device->launch(0, &word, 1, 100);
  EXPECT_EQ(fake->launches[4].grid, 100u);
  ASSERT_TRUE(device->beginRecording());
  device->launch(1, &word, 1, 100);
  std::unique_ptr<Recording> recording = device->endRecording();
  ASSERT_TRUE(recording);
  device->replay(*recording);
  EXPECT_EQ(fake->launches[5].grid, 7u);
  EXPECT_FALSE(device->finish());
}

TEST_F(CudaDeviceTest, AppendsLaunchTheRuntimesKernel) {
  ASSERT_FALSE(open());
  AppendField field = {11, 12, 3, 20};
  device->append({&field, 1, 5, 40, 13, 14, 15, 16, 50, 6});
  ASSERT_EQ(takeLaunches(),
            (std::vector<std::string>{"heed_append", "heed_append"}));
  EXPECT_EQ(fake->launches[0].grid, 5u * 3) << "16 tokens each";
  EXPECT_EQ(fake->launches[1].grid, 5u);
  EXPECT_EQ(fake->launches[0].threads, 256u);
  EXPECT_EQ(fake->launches[0].words[3], 13);
}

/// Runs all that a step does, and says how it ended.
Status runAll(Device &device, int64_t memory) {
  int32_t value = 1;
  int64_t word = 0;
  device.write(memory, &value, 4);
  device.fill(memory, 2, 1);
  device.copy(memory + 4, memory, 4);
  device.discard(memory, 4);
  device.launch(0, &word, 1, 1);
  device.append({nullptr, 0, 1, 1, memory, memory, memory, memory, 1, 0});
  device.read(&value, memory, 4);
  return device.finish();
}

TEST_F(CudaDeviceTest, FailuresAreReportedOnceAndForAll) {
  for (const char *function :
       {"cuMemcpyHtoDAsync", "cuMemsetD32Async", "cuMemcpyDtoDAsync",
        "cuMemsetD8Async", "cuLaunchKernel", "cuMemcpyDtoHAsync",
        "cuStreamSynchronize"}) {
    ASSERT_FALSE(open());
    {
      DeviceMemory memory;
      ASSERT_FALSE(memory.allocate(*device, 8, "test"));
      ASSERT_FALSE(runAll(*device, memory.address()));
      takeLaunches();
      bool copies = std::string(function).find("cuMemcpy") == 0;
      std::string symbol = function + std::string(copies ? "_v2" : "");
      fail(symbol.c_str(), 1, 700);
      Status error = runAll(*device, memory.address());
      EXPECT_EQ(error.code(), HEED_DEVICE_FAILED);
      std::string wanted = std::string(function) == "cuLaunchKernel"
                               ? "kernel 'embed', 1 programs of 64 threads and "
                                 "0 bytes of shared memory"
                               : function;
      EXPECT_EQ(error.message(),
                "cuda:0: " + wanted + ": the fake has failed (error 700)");
      fail("", 0, 0);
      takeLaunches();
      EXPECT_EQ(runAll(*device, memory.address()).message(), error.message());
      EXPECT_EQ(fake->launchCount, 0) << "nothing is started any more";
    }
    device.reset();
    expectNothingHeld();
  }
}

TEST_F(CudaDeviceTest, TooManyProgramsAreRefused) {
  ASSERT_FALSE(open());
  int64_t word = 0;
  device->launch(1, &word, 1, int64_t(INT32_MAX) + 1);
  std::string wanted = "cuda:0: kernel 'clear': 2147483648 programs found, at "
                       "most 2147483647 wanted";
  EXPECT_EQ(device->finish().message(), wanted);
  fail("cuStreamSynchronize", 1, 7);
  EXPECT_EQ(device->finish().message(), wanted) << "the first is the cause";
}

TEST_F(CudaDeviceTest, OpeningMayFailAnywhere) {
  for (const char *function :
       {"cuStreamCreate", "cuModuleLoadDataEx", "cuModuleGetFunction"})
    for (int call : {1, 2}) {
      fail(function, call, 7);
      Status error = open();
      EXPECT_NE(error.message().find("cuda:0: " + std::string(function)),
                std::string::npos)
          << error.message();
      expectNothingHeld();
    }
}

TEST_F(CudaDeviceTest, Facts) {
  DeviceFacts facts;
  EXPECT_FALSE(describeGpu(library, 0, facts));
  EXPECT_EQ(facts.name, "cuda:0");
  EXPECT_EQ(facts.target, "sm_90a");
  EXPECT_EQ(facts.text, "cuda:0 (Fake GPU, sm_90)");
  for (int major : {8, 10, 12}) {
    fake->major = major;
    EXPECT_FALSE(describeGpu(library, 0, facts));
    EXPECT_EQ(facts.target, "sm_80");
  }
  fake->major = 7;
  EXPECT_EQ(describeGpu(library, 0, facts).message(),
            "cuda:0 (Fake GPU, sm_70) found, sm_80 or newer wanted");
}

TEST_F(CudaDeviceTest, AutoIsTheGpuIfItCanRun) {
  DeviceFacts facts;
  EXPECT_FALSE(describeDevice("auto", {1, library}, facts));
  EXPECT_EQ(facts.name, "cuda:0");
  EXPECT_EQ(facts.missing, "");
  fake->major = 7;
  EXPECT_FALSE(describeDevice("auto", {1, library}, facts));
  EXPECT_EQ(facts.name, "cpu");
  EXPECT_EQ(facts.missing,
            "cuda:0 (Fake GPU, sm_70) found, sm_80 or newer wanted");
  fake->devices = 0;
  EXPECT_FALSE(describeDevice("auto", {1, library}, facts));
  EXPECT_EQ(facts.missing, "no device cuda:0, the driver has 0");
}

} // namespace
