//===- CudaMapsDeviceTest.cpp - Launches with tensor maps -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaDevice.h"

#include "test/unit/runtime/TinyModel.h"
#include "test/unit/runtime/cuda/WrittenMaps.h"

using namespace heed;
using namespace heed::test;

namespace {

/// A device for a package whose kernel `head` has two maps.
class CudaMapsDevice : public WrittenMaps {
protected:
  using WrittenMaps::WrittenMaps;

  void TearDown() override {
    device.reset();
    WrittenMaps::TearDown();
  }
  Status open(const PackageBuilder &builder) {
    std::string bytes = PackageBuilder(builder).build();
    if (Status error = package.copy(bytes.data(), bytes.size(), "m.heed"))
      return error;
    return CudaDevice::open(package, {0, library, {}}, 0, device);
  }

  Package package;
  std::unique_ptr<Device> device;
};

TEST_F(CudaMapsDevice, LaunchesCarryWhatTheKernelTakes) {
  ASSERT_FALSE(open(withMaps(tinyBuilder())));
  std::vector<int64_t> words = {4096, 1, 2, 5, 1, 16, 3, 4};
  device->launch(3, words.data(), 8, 7);
  device->launch(1, words.data(), 8, 7);
  device->launch(3, words.data(), 8, 0);
  EXPECT_FALSE(device->finish());
  ASSERT_EQ(takeLaunches(), (std::vector<std::string>{"head", "clear"}));
  EXPECT_EQ(made.size(), 2u);
  const FakeLaunch &launch = fake->launches[0];
  ASSERT_EQ(launch.bytes, 64u + 2 * 128);
  EXPECT_EQ(std::vector<int64_t>(launch.words, launch.words + 8), words);
  EXPECT_EQ(launch.words[8], 0x0101010101010101);
  EXPECT_EQ(launch.words[24], 0x0202020202020202);
  EXPECT_EQ(fake->launches[1].bytes, 64u) << "has no maps";
}

TEST_F(CudaMapsDevice, RecordedLaunchesKeepTheirMaps) {
  ASSERT_FALSE(open(withMaps(tinyBuilder())));
  std::vector<int64_t> words = {4096, 1, 2, 5, 1, 16, 3, 4};
  ASSERT_TRUE(device->beginRecording());
  device->launch(3, words.data(), 8, 7);
  std::unique_ptr<Recording> recording = device->endRecording();
  ASSERT_TRUE(recording);
  words[0] = 8192;
  device->launch(3, words.data(), 8, 7);
  device->replay(*recording);
  EXPECT_FALSE(device->finish());
  ASSERT_EQ(takeLaunches(), (std::vector<std::string>{"head", "head*"}));
  EXPECT_EQ(fake->launches[0].words[8], 0x0303030303030303);
  EXPECT_EQ(fake->launches[1].words[8], 0x0101010101010101);
}

TEST_F(CudaMapsDevice, AFailureStaysOne) {
  ASSERT_FALSE(open(withMaps(tinyBuilder())));
  std::vector<int64_t> words = {4096, 1, 2, 5, 1, 16, 3, 4};
  fail("cuTensorMapEncodeTiled", 1, 7);
  device->launch(3, words.data(), 8, 7);
  fail("", 0, 0);
  device->launch(3, words.data(), 8, 7);
  Status error = device->finish();
  EXPECT_EQ(error.code(), HEED_DEVICE_FAILED);
  EXPECT_EQ(error.message(),
            "cuda:0: kernel 'head', tensor map of panels of 5 rows of 128 at "
            "0x1000: cuTensorMapEncodeTiled: the fake has failed (error 7)");
  EXPECT_EQ(fake->launchCount, 0);
}

TEST_F(CudaMapsDevice, LaunchesOfOtherSizesAreRefused) {
  PackageBuilder builder = withMaps(tinyBuilder());
  size_t bytes = builder.code.find("[320]");
  builder.code[bytes + 1] = '2';
  Status error = open(builder);
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(),
            "m.heed: kernel 'head': parameters of 220 bytes found in the code, "
            "320 wanted for 8 words and 2 tensor maps");
  builder = withMaps(tinyBuilder());
  heed_package_command &last = *(builder.commands.end() - 2);
  std::vector<uint32_t> words(builder.operands.begin() + last.b,
                              builder.operands.begin() + last.b + last.c);
  words.push_back(builder.constant(1));
  last.b = builder.operands.size();
  last.c = words.size();
  builder.operands.insert(builder.operands.end(), words.begin(), words.end());
  EXPECT_EQ(open(builder).message(),
            "m.heed: kernel 'head': parameters of 320 bytes found in the code, "
            "384 wanted for 9 words and 2 tensor maps")
      << "of the second entry alone";
}

/// A driver that lacks `function`.
class OldDriverTest : public CudaMapsDevice {
protected:
  OldDriverTest(const char *library, std::string function)
      : CudaMapsDevice(library), function(std::move(function)) {}

  void expectOnlyMapsMissIt() {
    EXPECT_FALSE(open(forGpu(tinyBuilder())));
    device.reset();
    Status error = open(withMaps(tinyBuilder()));
    EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
    EXPECT_EQ(error.message(),
              "m.heed: cuda:0: no function '" + function +
                  "' found, driver too old for the tensor maps of kernel "
                  "'head'");
  }

  const std::string function;
};

class WithoutMapsTest : public OldDriverTest {
protected:
  WithoutMapsTest()
      : OldDriverTest(HEED_FAKE_OLD_CUDA, "cuTensorMapEncodeTiled") {}
};

class WithoutParamInfoTest : public OldDriverTest {
protected:
  WithoutParamInfoTest()
      : OldDriverTest(HEED_FAKE_CUDA_12_3, "cuFuncGetParamInfo") {}
};

TEST_F(WithoutMapsTest, OnlyPackagesWithMapsMissTheFunction) {
  expectOnlyMapsMissIt();
}

TEST_F(WithoutParamInfoTest, OnlyPackagesWithMapsMissTheFunction) {
  expectOnlyMapsMissIt();
}

} // namespace
