//===- CudaMapsTest.cpp - Tests of runtime/cuda/CudaMaps ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaMaps.h"

#include "test/unit/runtime/TinyModel.h"
#include "test/unit/runtime/cuda/FakeDriver.h"

#include "runtime/cuda/CudaDevice.h"

#include <cstring>

using namespace heed;
using namespace heed::test;

namespace {

const heed_package_map twoMaps[] = {{0, 2, 128, 16}, {3, 1, 64, 256}};

/// A driver that writes down what maps it has made, and numbers their bytes.
class CudaMapsTest : public FakeDriver {
protected:
  struct Made {
    uint64_t base;
    std::vector<uint64_t> sizes, strides;
    std::vector<uint32_t> box;
    int type, swizzle, promotion;
  };

  explicit CudaMapsTest(const char *library = HEED_FAKE_CUDA)
      : FakeDriver(library) {}

  void SetUp() override {
    FakeDriver::SetUp();
    fake->user = this;
    fake->encode = [](void *user, const FakeTensorMap *map, void *bytes) {
      std::vector<Made> &made = static_cast<CudaMapsTest *>(user)->made;
      made.push_back({map->base,
                      {map->sizes, map->sizes + map->rank},
                      {map->strides, map->strides + map->rank - 1},
                      {map->box, map->box + map->rank},
                      map->type,
                      map->swizzle,
                      map->promotion});
      std::memset(bytes, int(made.size()), HEED_MAP_BYTES);
      return 0;
    };
  }

  /// Opens `maps` of a kernel `k`.
  void open(CudaContext &context, CudaMaps &maps) {
    ASSERT_FALSE(context.open(library, 0));
    ASSERT_FALSE(maps.open(context, "k", {twoMaps, 2}));
  }
  static std::string encode(const CudaContext &context, CudaMaps &maps,
                            const std::vector<int64_t> &words) {
    CudaCurrent current(context);
    Status error = maps.encode(words.data(), words.size());
    EXPECT_EQ(error.code(), error ? HEED_DEVICE_FAILED : HEED_OK);
    return error.message();
  }

  std::vector<Made> made;
};

TEST_F(CudaMapsTest, MapsAreOfPanels) {
  CudaContext context;
  CudaMaps maps;
  open(context, maps);
  EXPECT_FALSE(maps.isEmpty());
  EXPECT_EQ(encode(context, maps, {4096, 9, 5, 8192}), "");
  ASSERT_EQ(made.size(), 2u);
  EXPECT_EQ(made[0].base, 4096u);
  EXPECT_EQ(made[0].sizes, (std::vector<uint64_t>{128, 5, 1 << 24}));
  EXPECT_EQ(made[0].strides, (std::vector<uint64_t>{256, 1280}));
  EXPECT_EQ(made[0].box, (std::vector<uint32_t>{64, 16, 1}));
  EXPECT_EQ(made[0].type, 9) << "bf16";
  EXPECT_EQ(made[0].swizzle, 3) << "128 bytes";
  EXPECT_EQ(made[0].promotion, 3) << "256 bytes";
  EXPECT_EQ(made[1].base, 8192u);
  EXPECT_EQ(made[1].sizes, (std::vector<uint64_t>{64, 9, 1 << 24}));
  EXPECT_EQ(made[1].strides, (std::vector<uint64_t>{128, 1152}));
  EXPECT_EQ(made[1].box, (std::vector<uint32_t>{64, 256, 1}));
}

TEST_F(CudaMapsTest, ParametersAreWordsZerosAndMaps) {
  CudaContext context;
  CudaMaps maps;
  open(context, maps);
  for (int64_t count : {4, 8, 9}) {
    std::vector<int64_t> words(count, 16);
    EXPECT_EQ(encode(context, maps, words), "");
    std::vector<int64_t> wanted = words;
    wanted.resize(count == 9 ? 16 : 8, 0);
    wanted.resize(wanted.size() + 16, 0x0101010101010101);
    wanted.resize(wanted.size() + 16, 0x0202020202020202);
    const int64_t *data = static_cast<const int64_t *>(maps.data());
    EXPECT_EQ(std::vector<int64_t>(data, data + maps.bytes() / 8), wanted);
  }
}

TEST_F(CudaMapsTest, EqualWordsMakeNothing) {
  CudaContext context;
  CudaMaps maps;
  open(context, maps);
  auto count = [&](const std::vector<int64_t> &words) {
    size_t before = made.size();
    EXPECT_EQ(encode(context, maps, words), "");
    return made.size() - before;
  };
  EXPECT_EQ(count({4096, 9, 5, 8192}), 2u);
  EXPECT_EQ(count({4096, 9, 5, 8192}), 0u);
  EXPECT_EQ(count({4096, 9, 5, 8192, 77}), 0u) << "no word of a map";
  EXPECT_EQ(count({4096, 10, 5, 8192}), 1u);
  EXPECT_EQ(count({4112, 10, 5, 8192}), 1u);
  EXPECT_EQ(count({4096, 9, 5, 8192}), 2u) << "the last ones are kept";
}

TEST_F(CudaMapsTest, AnEmptyPanelCountsAsOneRow) {
  CudaContext context;
  CudaMaps maps;
  open(context, maps);
  EXPECT_EQ(encode(context, maps, {4096, 0, 0, 8192}), "");
  EXPECT_EQ(made[0].sizes[1], 1u);
  EXPECT_EQ(made[0].strides[1], 256u);
}

TEST_F(CudaMapsTest, FailuresNameTheKernel) {
  CudaContext context;
  CudaMaps maps;
  open(context, maps);
  const std::string wanted =
      "cuda:0: kernel 'k', tensor map of panels of 5 rows of 128 at 0x1008: "
      "cuTensorMapEncodeTiled: the fake has failed (error 1)";
  EXPECT_EQ(encode(context, maps, {4104, 9, 5, 8192}), wanted);
  EXPECT_EQ(encode(context, maps, {4104, 9, 5, 8192}), wanted)
      << "a failure is not kept";
  for (int64_t rows : {int64_t(-1), int64_t(1) << 33, int64_t(1) << 32})
    EXPECT_NE(encode(context, maps, {4096, 9, rows, 8192}), "") << rows;
  EXPECT_EQ(encode(context, maps, {4096, 9, INT32_MAX, 8192}), "");
  fail("cuTensorMapEncodeTiled", 2, 7);
  EXPECT_EQ(encode(context, maps, {4096, 9, 5, 16}),
            "cuda:0: kernel 'k', tensor map of panels of 9 rows of 64 at 0x10: "
            "cuTensorMapEncodeTiled: the fake has failed (error 7)");
}

/// A device for a package whose kernel `head` has two maps.
class CudaMapsDevice : public CudaMapsTest {
protected:
  using CudaMapsTest::CudaMapsTest;

  void TearDown() override {
    device.reset();
    CudaMapsTest::TearDown();
  }
  Status open(const PackageBuilder &builder) {
    std::string bytes = PackageBuilder(builder).build();
    if (Status error = package.copy(bytes.data(), bytes.size(), "m.heed"))
      return error;
    return CudaDevice::open(package, library, 0, device);
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

class OldDriverTest : public CudaMapsDevice {
protected:
  OldDriverTest() : CudaMapsDevice(HEED_FAKE_OLD_CUDA) {}
};

TEST_F(OldDriverTest, OnlyPackagesWithMapsMissTheFunction) {
  EXPECT_FALSE(open(forGpu(tinyBuilder())));
  device.reset();
  Status error = open(withMaps(tinyBuilder()));
  EXPECT_EQ(error.code(), HEED_NO_SUCH_DEVICE);
  EXPECT_EQ(error.message(),
            "m.heed: cuda:0: no function 'cuTensorMapEncodeTiled' found, "
            "driver too old for the tensor maps of kernel 'head'");
}

} // namespace
