//===- RuntimeTest.cpp - Tests of runtime/capi/Runtime --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed-c/Runtime.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <thread>

using namespace heed::test;

namespace {

TEST(RuntimeTest, NullPointersAreNamed) {
  TinySession session(tinyBuilder().build(), 1, 4);
  heed_model *model = nullptr;
  heed_cache *cache = nullptr;
  heed_model_info info;
  heed_device_info device;
  heed_step step = {};
  int64_t tokens;
  std::vector<heed_status> found = {
      heed_model_open(nullptr, "cpu", nullptr, &model),
      heed_model_open("x", nullptr, nullptr, &model),
      heed_model_open("x", "cpu", nullptr, nullptr),
      heed_model_open_memory(nullptr, 0, "", "cpu", nullptr, &model),
      heed_model_open_memory("", 0, nullptr, "cpu", nullptr, &model),
      heed_device_describe(nullptr, &device),
      heed_device_describe("cpu", nullptr),
      heed_model_describe(nullptr, &info),
      heed_model_describe(session.model, nullptr),
      heed_cache_create(nullptr, 1, 1, &cache),
      heed_cache_create(session.model, 1, 1, nullptr),
      heed_cache_reset(nullptr, 0),
      heed_cache_trim(nullptr, 0, 0),
      heed_cache_fork(nullptr, 0, 0),
      heed_cache_tokens(nullptr, 0, &tokens),
      heed_cache_tokens(session.cache, 0, nullptr),
      heed_cache_set_trace(nullptr, nullptr, nullptr),
      heed_prefill(nullptr, &step),
      heed_prefill(session.cache, nullptr),
      heed_decode(nullptr, &step),
      heed_decode(session.cache, nullptr)};
  for (size_t i = 0; i != found.size(); ++i)
    EXPECT_EQ(found[i], HEED_INVALID_ARGUMENT) << i;
  EXPECT_STREQ(heed_last_error(), "heed_decode: cache or step is null");
  heed_model_destroy(nullptr);
  heed_cache_destroy(nullptr);
}

TEST(RuntimeTest, SlotsOutOfRange) {
  TinySession session(tinyBuilder().build(), 2, 4);
  int64_t tokens = 77;
  for (int64_t slot : {int64_t(-2), int64_t(2), INT64_MAX, INT64_MIN}) {
    EXPECT_EQ(heed_cache_reset(session.cache, slot), HEED_INVALID_ARGUMENT);
    EXPECT_EQ(heed_cache_trim(session.cache, slot, 0), HEED_INVALID_ARGUMENT);
    EXPECT_EQ(heed_cache_fork(session.cache, slot, 0), HEED_INVALID_ARGUMENT);
    EXPECT_EQ(heed_cache_fork(session.cache, 0, slot), HEED_INVALID_ARGUMENT);
    EXPECT_EQ(heed_cache_tokens(session.cache, slot, &tokens),
              HEED_INVALID_ARGUMENT);
  }
  EXPECT_EQ(tokens, 77);
  EXPECT_EQ(heed_cache_tokens(session.cache, 5, &tokens),
            HEED_INVALID_ARGUMENT);
  EXPECT_STREQ(heed_last_error(), "slot 5 found, 0 to 1 wanted");
}

TEST(RuntimeTest, Describe) {
  TinySession session(tinyBuilder({5, 2, false, 100}).build(), 1, 4);
  heed_model_info info;
  ASSERT_EQ(heed_model_describe(session.model, &info), HEED_OK);
  EXPECT_EQ(info.vocabulary, V);
  EXPECT_EQ(info.context, 100);
  ASSERT_EQ(info.stop_id_count, 2);
  EXPECT_EQ(info.stop_ids[0], 3);
  EXPECT_STREQ(info.metadata, "{\"made\":\"by hand\"}");
  EXPECT_STREQ(info.target, "x86-64-v3");
}

TEST(RuntimeTest, DeviceDescribe) {
  heed_device_info info = {};
  EXPECT_EQ(heed_device_describe("cpu", &info), HEED_OK);
  std::string target = info.target;
  EXPECT_EQ(target.rfind("x86-64-v", 0), 0u) << target;
  EXPECT_STREQ(info.name, "cpu");
  EXPECT_EQ(info.text, "cpu (" + target + ")");
  EXPECT_STREQ(info.missing, "");
  EXPECT_EQ(heed_device_describe("gpu", &info), HEED_NO_SUCH_DEVICE);
  EXPECT_STREQ(info.name, "cpu");
}

TEST(RuntimeTest, FilesAreFoundBesideThePackage) {
  std::string folder = testing::TempDir() + "heed-runtime-test";
  std::filesystem::create_directories(folder);
  std::string file("\x02\0\0\0\0\0\0\0{}data", 14);
  writeFile(folder + "/w.safetensors", file);
  PackageBuilder builder = tinyBuilder();
  builder.file("w.safetensors", heed_hash(HEED_HASH_START, file.data(), 10));
  builder.weight("extra", 0, HEED_BF16, 10, 4);
  std::string path = folder + "/m.heed";
  writeFile(path, builder.build());
  heed_model *model = nullptr;
  EXPECT_EQ(heed_model_open(path.c_str(), "cpu", nullptr, &model), HEED_OK)
      << heed_last_error();
  heed_model_destroy(model);
  model = nullptr;
  std::filesystem::remove(folder + "/w.safetensors");
  EXPECT_EQ(heed_model_open(path.c_str(), "cpu", nullptr, &model),
            HEED_BAD_WEIGHTS);
  EXPECT_EQ(std::string(heed_last_error()),
            path + ": " + folder +
                "/w.safetensors: cannot be read: No such file or directory");
  EXPECT_EQ(model, nullptr);
  std::filesystem::remove_all(folder);
}

TEST(RuntimeTest, MessagesBelongToTheirThread) {
  heed_model *model = nullptr;
  EXPECT_EQ(heed_model_open("/none.heed", "cpu", nullptr, &model),
            HEED_BAD_PACKAGE);
  std::thread other([] { EXPECT_STREQ(heed_last_error(), ""); });
  other.join();
  EXPECT_STREQ(heed_last_error(),
               "/none.heed: cannot be read: No such file or directory");
}

TEST(RuntimeTest, OptionsAndDevices) {
  std::string package = tinyBuilder().build();
  heed_model *model = nullptr;
  auto open = [&](const char *device, int32_t threads) {
    heed_model_options options = {threads};
    return heed_model_open_memory(package.data(), package.size(), "", device,
                                  &options, &model);
  };
  EXPECT_EQ(open("gpu", 1), HEED_NO_SUCH_DEVICE);
  EXPECT_STREQ(heed_last_error(),
               "no device 'gpu', wanted auto, cpu, cuda or cuda:N");
  EXPECT_EQ(open("cuda:0", 1), HEED_BAD_PACKAGE);
  EXPECT_STREQ(heed_last_error(),
               "package in memory: made for x86-64-v3, device cuda runs sm_80 "
               "and sm_90a packages");
  EXPECT_EQ(open("auto", 1), HEED_OK);
  heed_model_destroy(model);
  model = nullptr;
  EXPECT_EQ(open("cpu", -1), HEED_INVALID_ARGUMENT);
  EXPECT_EQ(open("cpu", 1025), HEED_INVALID_ARGUMENT);
  EXPECT_STREQ(heed_last_error(), "1025 threads found, 0 to 1024 wanted");
  EXPECT_EQ(model, nullptr);
  EXPECT_EQ(open("cpu", 0), HEED_OK);
  heed_model_destroy(model);
}

} // namespace
