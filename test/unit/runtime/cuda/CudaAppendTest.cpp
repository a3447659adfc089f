//===- CudaAppendTest.cpp - Tests of runtime/cuda/CudaAppend --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

///
/// \file
/// How appends are divided into launches; that the kernel does what it should
/// is seen by the conformance suite, on a GPU.
///
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaAppend.h"

#include "runtime/cuda/CudaDevice.h"
#include "test/unit/runtime/TinyModel.h"
#include "test/unit/runtime/cuda/FakeDriver.h"

#include <gtest/gtest.h>

#include <cstring>

using namespace heed;
using namespace heed::test;

namespace {

std::vector<AppendWords> plan(int64_t fieldCount, int64_t tokens) {
  std::vector<AppendField> fields;
  for (int64_t i = 0; i != fieldCount; ++i)
    fields.push_back({100 + i, 200 + i, 3, 20});
  Append append = {fields.data(), fieldCount, 2, tokens, 1, 2, 3, 4, 50, 6};
  return planAppend(append);
}

TEST(CudaAppendTest, WordsAreThoseOfTheKernel) {
  AppendWords words = plan(2, 1)[0];
  int64_t found[10 + 3 * 4];
  std::memcpy(found, &words, sizeof(found));
  std::vector<int64_t> wanted = {
      1,   16,  1, 1,  2,   4,   50, 6,  1, 3, // Up to the number of fields.
      100, 200, 3, 20, 101, 201, 3,  20, 1, 3, 1, 4};
  EXPECT_EQ(std::vector<int64_t>(std::begin(found), std::end(found)), wanted);
  EXPECT_EQ(sizeof(words), (10 + 8 * 4) * 8u);
}

TEST(CudaAppendTest, OneLaunchForDecode) {
  for (int64_t fields = 0; fields != 8; ++fields)
    EXPECT_EQ(plan(fields, 1).size(), 1u);
}

/// Every field and the positions once, every token once, counted at the end.
TEST(CudaAppendTest, NothingIsLostOrDoubled) {
  for (int64_t fields : {0, 1, 7, 8, 15, 16, 40})
    for (int64_t tokens : {1, 15, 16, 17, 1000}) {
      std::vector<AppendWords> launches = plan(fields, tokens);
      std::vector<int64_t> rows;
      for (const AppendWords &words : launches) {
        bool last = &words == &launches.back();
        EXPECT_EQ(words.counting, int64_t(last));
        EXPECT_FALSE(words.counting && words.blocks != 1) << "a race";
        EXPECT_LE(words.fieldCount, 8);
        if (words.fieldCount != 0) {
          EXPECT_GE(words.blocks * words.perBlock, tokens);
          EXPECT_LT((words.blocks - 1) * words.perBlock, tokens);
        }
        for (int64_t i = 0; i != words.fieldCount; ++i)
          rows.push_back(words.fields[i].rows);
      }
      ASSERT_EQ(rows.size(), size_t(fields + 1));
      for (int64_t i = 0; i != fields; ++i)
        EXPECT_EQ(rows[i], 100 + i);
      EXPECT_EQ(rows.back(), 1) << "the positions";
    }
}

class CudaAppendCodeTest : public FakeDriver {
protected:
  /// Says whether the append is machine code on such a GPU.
  bool isCode(int major, int version) {
    fake->major = major;
    fake->version = version;
    std::string bytes = forGpu(tinyBuilder()).build();
    Package package;
    EXPECT_FALSE(package.copy(bytes.data(), bytes.size(), "m.heed"));
    std::unique_ptr<Device> device;
    EXPECT_FALSE(CudaDevice::open(package, {0, library, {}}, 0, device));
    AppendField field = {11, 12, 3, 20};
    device->append({&field, 1, 1, 1, 13, 14, 15, 16, 50, 6});
    bool isCode = fake->launches[0].image[0] == '\x7f';
    fake->launchCount = 0;
    return isCode;
  }
};

TEST_F(CudaAppendCodeTest, NothingIsCompiledWhereTheDriverReadsMachineCode) {
  EXPECT_TRUE(isCode(9, 13000));
  EXPECT_FALSE(isCode(9, 12090));
  EXPECT_FALSE(isCode(8, 13000));
  EXPECT_FALSE(isCode(10, 13000));
}

} // namespace
