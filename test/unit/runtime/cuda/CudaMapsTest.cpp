//===- CudaMapsTest.cpp - Tests of runtime/cuda/CudaMaps ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaMaps.h"

#include "test/unit/runtime/cuda/WrittenMaps.h"

#include <memory>
#include <string>

using namespace heed;
using namespace heed::test;

namespace {

const heed_package_map twoMaps[] = {{0, 2, 128, 16}, {3, 1, 64, 256}};

/// The maps of one kernel, which is `k`.
class CudaMapsTest : public WrittenMaps {
protected:
  struct Loaded {
    ~Loaded() {
      CudaCurrent current(context);
      module.unload();
    }

    CudaContext context;
    CudaModule module;
    CudaMaps maps;
  };

  void TearDown() override {
    loaded.reset();
    WrittenMaps::TearDown();
  }

  /// Opens the maps of a kernel whose code declares `bytes` of parameters.
  Status open(int bytes = 320) {
    text = ".entry k(.param .align 64 .b8 words[" + std::to_string(bytes) +
           "])" + '\0';
    loaded = std::make_unique<Loaded>();
    CudaContext &context = loaded->context;
    EXPECT_FALSE(context.open(library, 0));
    CudaCurrent current(context);
    CudaKernel kernel = {"k"};
    EXPECT_FALSE(loaded->module.load(context, text));
    EXPECT_FALSE(loaded->module.find(kernel));
    return loaded->maps.open(context, kernel, {twoMaps, 2});
  }
  std::string encode(const std::vector<int64_t> &words) {
    CudaCurrent current(loaded->context);
    Status error = loaded->maps.encode(words.data(), words.size());
    EXPECT_EQ(error.code(), error ? HEED_DEVICE_FAILED : HEED_OK);
    return error.message();
  }

  std::unique_ptr<Loaded> loaded;
  std::string text;
};

TEST_F(CudaMapsTest, MapsAreOfPanels) {
  ASSERT_FALSE(open());
  EXPECT_FALSE(loaded->maps.isEmpty());
  EXPECT_EQ(encode({4096, 9, 5, 8192}), "");
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
  ASSERT_FALSE(open());
  for (int64_t count : {4, 8, 9}) {
    std::vector<int64_t> words(count, 16);
    EXPECT_EQ(encode(words), "");
    std::vector<int64_t> wanted = words;
    wanted.resize(count == 9 ? 16 : 8, 0);
    wanted.resize(wanted.size() + 16, 0x0101010101010101);
    wanted.resize(wanted.size() + 16, 0x0202020202020202);
    const int64_t *data = static_cast<int64_t *>(loaded->maps.data());
    EXPECT_EQ(std::vector<int64_t>(data, data + wanted.size()), wanted);
  }
}

TEST_F(CudaMapsTest, EqualWordsMakeNothing) {
  ASSERT_FALSE(open());
  auto count = [&](const std::vector<int64_t> &words) {
    size_t before = made.size();
    EXPECT_EQ(encode(words), "");
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
  ASSERT_FALSE(open());
  EXPECT_EQ(encode({4096, 0, 0, 8192}), "");
  EXPECT_EQ(made[0].sizes[1], 1u);
  EXPECT_EQ(made[0].strides[1], 256u);
}

TEST_F(CudaMapsTest, FailuresNameTheKernel) {
  ASSERT_FALSE(open());
  const std::string wanted =
      "cuda:0: kernel 'k', tensor map of panels of 5 rows of 128 at 0x1008: "
      "cuTensorMapEncodeTiled: the fake has failed (error 1)";
  EXPECT_EQ(encode({4104, 9, 5, 8192}), wanted);
  EXPECT_EQ(encode({4104, 9, 5, 8192}), wanted) << "a failure is not kept";
  for (int64_t rows : {int64_t(-1), int64_t(1) << 33, int64_t(1) << 32})
    EXPECT_NE(encode({4096, 9, rows, 8192}), "") << rows;
  EXPECT_EQ(encode({4096, 9, INT32_MAX, 8192}), "");
  fail("cuTensorMapEncodeTiled", 2, 7);
  EXPECT_EQ(encode({4096, 9, 5, 16}),
            "cuda:0: kernel 'k', tensor map of panels of 9 rows of 64 at 0x10: "
            "cuTensorMapEncodeTiled: the fake has failed (error 7)");
}

TEST_F(CudaMapsTest, TheCodeTakesAllParameters) {
  ASSERT_FALSE(open());
  for (uint64_t count : {1, 8})
    EXPECT_FALSE(loaded->maps.check(count));
  Status error = loaded->maps.check(9);
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(),
            "kernel 'k': parameters of 320 bytes found in the code, 384 wanted "
            "for 9 words and 2 tensor maps");
  ASSERT_FALSE(open(384));
  EXPECT_FALSE(loaded->maps.check(9));
  EXPECT_TRUE(loaded->maps.check(8)) << "one map more";
  fail("cuFuncGetParamInfo", 1, 7);
  EXPECT_EQ(open().message(),
            "cuda:0: cuFuncGetParamInfo: the fake has failed (error 7)");
}

} // namespace
