//===- DTypeTest.cpp ------------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/DType.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

using namespace heed;

namespace {

constexpr DType kAll[] = {DType::F64, DType::F32, DType::F16, DType::BF16,
                          DType::I64, DType::I32, DType::I16, DType::I8,
                          DType::U8,  DType::Bool};

std::vector<uint8_t> store(DType dtype, std::vector<double> values) {
  std::vector<uint8_t> bytes(values.size() * dtypeBytes(dtype));
  storeElements(dtype, values, bytes);
  return bytes;
}

std::vector<double> load(DType dtype, llvm::ArrayRef<uint8_t> bytes) {
  std::vector<double> values(bytes.size() / dtypeBytes(dtype));
  loadElements(dtype, bytes, llvm::MutableArrayRef<double>(values));
  return values;
}

TEST(DType, NamesAndSizes) {
  std::string names;
  for (DType dtype : kAll) {
    EXPECT_EQ(parseDType(dtypeName(dtype)), dtype);
    names += (names.empty() ? "" : ", ") + dtypeName(dtype).str();
  }
  EXPECT_EQ(names, allDTypeNames());
  EXPECT_EQ(dtypeBytes(DType::BF16), 2u);
  EXPECT_EQ(dtypeBytes(DType::F64), 8u);
  EXPECT_EQ(dtypeBytes(DType::Bool), 1u);
  EXPECT_TRUE(isFloat(DType::BF16));
  EXPECT_FALSE(isFloat(DType::U8));
  for (const char *name : {"F8_E4M3", "bf16", "", "U32"})
    EXPECT_FALSE(parseDType(name)) << name;
}

TEST(DType, SmallIntegersSurviveEveryType) {
  for (DType dtype : kAll) {
    std::vector<double> values = {0, 1, 1, 0};
    if (dtype != DType::Bool)
      values = {0, 1, 2, 100, 127};
    EXPECT_EQ(load(dtype, store(dtype, values)), values)
        << dtypeName(dtype).str();
  }
}

TEST(DType, BytesAreLittleEndian) {
  EXPECT_EQ(store(DType::I32, {0x01020304}),
            (std::vector<uint8_t>{4, 3, 2, 1}));
  EXPECT_EQ(store(DType::BF16, {1.0}), (std::vector<uint8_t>{0x80, 0x3f}));
  EXPECT_EQ(store(DType::F16, {1.0}), (std::vector<uint8_t>{0x00, 0x3c}));
  EXPECT_EQ(store(DType::F32, {1.0}), (std::vector<uint8_t>{0, 0, 0x80, 0x3f}));
  EXPECT_EQ(load(DType::Bool, {0, 1, 255}), (std::vector<double>{0, 1, 1}));
  EXPECT_EQ(load(DType::I8, {0xff}), std::vector<double>{-1});
  EXPECT_EQ(load(DType::U8, {0xff}), std::vector<double>{255});
}

TEST(DType, AnyAddressWillDo) {
  std::vector<double> values = {1.5, -2.25, 1e10};
  std::vector<uint8_t> bytes = store(DType::F64, values);
  for (size_t shift = 0; shift < 8; ++shift) {
    std::vector<uint8_t> shifted(shift, 0);
    shifted.insert(shifted.end(), bytes.begin(), bytes.end());
    EXPECT_EQ(load(DType::F64, llvm::ArrayRef(shifted).drop_front(shift)),
              values);
  }
}

TEST(DType, FloatsRoundOnce) {
  EXPECT_EQ(load(DType::F32, store(DType::F32, {0.1})),
            std::vector<double>{0.1f});
  EXPECT_EQ(load(DType::BF16, store(DType::BF16, {1 + 0x1p-8 + 0x1p-40})),
            std::vector<double>{1 + 0x1p-7});
  std::vector<double> special =
      load(DType::BF16, store(DType::BF16, {std::nan(""), 1e300, -0.0}));
  EXPECT_TRUE(std::isnan(special[0]));
  EXPECT_TRUE(std::isinf(special[1]));
  EXPECT_TRUE(std::signbit(special[2]));
  float narrow[1];
  loadElements(DType::F64, store(DType::F64, {0.1}),
               llvm::MutableArrayRef<float>(narrow));
  EXPECT_EQ(narrow[0], 0.1f);
}

TEST(DType, IntegersClampAndRoundToEven) {
  EXPECT_EQ(load(DType::I8, store(DType::I8, {2.5, 3.5, -2.5, 200, -200})),
            (std::vector<double>{2, 4, -2, 127, -128}));
  EXPECT_EQ(load(DType::U8, store(DType::U8, {-1, 256, std::nan("")})),
            (std::vector<double>{0, 255, 0}));
  std::vector<uint8_t> bytes = store(DType::I64, {1e300, -1e300, 0x1p62});
  int64_t values[3];
  std::memcpy(values, bytes.data(), sizeof(values));
  EXPECT_EQ(values[0], std::numeric_limits<int64_t>::max());
  EXPECT_EQ(values[1], std::numeric_limits<int64_t>::min());
  EXPECT_EQ(values[2], int64_t(1) << 62);
}

} // namespace
