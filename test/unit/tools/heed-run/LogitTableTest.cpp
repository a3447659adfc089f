//===- LogitTableTest.cpp - Logits of all tokens of a batch ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/LogitTable.h"
#include "test/unit/lib/Support/TemporaryFolder.h"

#include "gtest/gtest.h"

#include <cmath>
#include <cstring>

using namespace heed;

namespace {

TEST(LogitTableTest, WritesRowsAndNaNBehindTheEnd) {
  LogitTable table(2, 3);
  table.add(0, {1, 2, 3});
  table.add(1, {4, 5, 6});
  table.add(0, {7, 8, 9});
  EXPECT_EQ(table.countTokens(0), 2);
  EXPECT_EQ(table.countTokens(1), 1);
  EXPECT_EQ(table.getRow(0, 1), llvm::ArrayRef<float>({7, 8, 9}));

  TemporaryFolder folder;
  ASSERT_FALSE(bool(table.write(folder.path("f.npy"))));
  std::string bytes = folder.read("f.npy");
  ASSERT_EQ(bytes.size() % 64, 2 * 2 * 3 * 4u % 64);
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x93NUMPY\x01\x00", 8));
  EXPECT_NE(bytes.find("'descr': '<f4'"), std::string::npos);
  EXPECT_NE(bytes.find("'shape': (2,2,3,)"), std::string::npos);
  EXPECT_EQ(size_t(uint8_t(bytes[8])) + 256 * uint8_t(bytes[9]) + 10,
            bytes.size() - 48);
  float values[12];
  std::memcpy(values, bytes.data() + bytes.size() - 48, 48);
  const float wanted[] = {1, 2, 3, 7, 8, 9, 4, 5, 6};
  EXPECT_EQ(llvm::ArrayRef(values).take_front(9), llvm::ArrayRef(wanted));
  for (int i = 9; i < 12; ++i)
    EXPECT_TRUE(std::isnan(values[i]));
}

TEST(LogitTableTest, NamesAFileThatCannotBeWritten) {
  LogitTable table(1, 1);
  llvm::Error error = table.write("/dev/null/f.npy");
  EXPECT_TRUE(
      llvm::StringRef(llvm::toString(std::move(error))).contains("/dev/null"));
}

} // namespace
