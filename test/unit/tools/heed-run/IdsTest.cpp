//===- IdsTest.cpp - Lists of ids on the command line ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Ids.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

std::vector<int32_t> read(llvm::StringRef text) {
  llvm::Expected<std::vector<int32_t>> ids = parseIds(text, "ids");
  if (ids)
    return *ids;
  ADD_FAILURE() << llvm::toString(ids.takeError());
  return {};
}

TEST(IdsTest, ReadsWhatItWrites) {
  std::vector<int32_t> ids = {0, 15, 2147483647};
  EXPECT_EQ(printIds(ids), "0,15,2147483647");
  EXPECT_EQ(read(printIds(ids)), ids);
  EXPECT_EQ(read(" 0 ,\t15"), (std::vector<int32_t>{0, 15}));
  EXPECT_EQ(printIds({}), "");
}

// The matrix of faults of this reader: what is wrong, and what it says.
TEST(IdsTest, FaultsAreOneLine) {
  const struct {
    const char *fault, *text, *found;
  } cases[] = {
      {"empty", "", "\"\" as id 0"},
      {"truncated", "1,2,", "\"\" as id 2"},
      {"hole", "1,,2", "\"\" as id 1"},
      {"negative", "1,-2", "\"-2\" as id 1"},
      {"sign", "+1", "\"+1\" as id 0"},
      {"wrong type", "1,2.5", "\"2.5\" as id 1"},
      {"name", "one", "\"one\" as id 0"},
      {"NaN", "nan", "\"nan\" as id 0"},
      {"other separator", "1 2", "\"1 2\" as id 0"},
      {"hexadecimal", "0x10", "\"0x10\" as id 0"},
      {"above 2^31", "2147483648", "\"2147483648\" as id 0"},
      {"near 2^63", "9223372036854775808", "\"9223372036854775808\" as id 0"},
      {"control character", "1,\n2", "\"\\x0A2\" as id 1"},
  };
  for (const auto &one : cases) {
    llvm::Expected<std::vector<int32_t>> ids = parseIds(one.text, "ids");
    ASSERT_FALSE(bool(ids)) << one.fault;
    std::string message = llvm::toString(ids.takeError());
    std::printf("ids | %-17s | %s\n", one.fault, message.c_str());
    EXPECT_EQ(message, std::string("ids: found ") + one.found +
                           ", wanted numbers of at most 2147483647 with commas "
                           "between them");
  }
}

} // namespace
