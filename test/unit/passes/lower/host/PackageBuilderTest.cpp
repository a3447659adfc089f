//===- PackageBuilderTest.cpp - The bytes of a package --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/PackageBuilder.h"

#include "heed-c/Hash.h"

#include "gtest/gtest.h"

#include <cstring>

using namespace heed;

namespace {

heed_package_header readHeader(const std::vector<char> &bytes) {
  heed_package_header header;
  std::memcpy(&header, bytes.data(), sizeof(header));
  return header;
}

TEST(PackageBuilder, LaysOutWhatTheHeaderSays) {
  PackageBuilder builder;
  builder.target = "x86-64-v3";
  builder.vocabulary = 13;
  builder.stopIds = {5, 6, 7};
  builder.metadata = "{}";
  builder.operands = {1, 2, 3};
  builder.maps = {{0, 3, 128, 16}, {1, 3, 64, 32}};
  builder.code = {'E', 'L', 'F'};
  std::vector<char> bytes = builder.finish();
  heed_package_header header = readHeader(bytes);
  EXPECT_STREQ(header.magic, HEED_PACKAGE_MAGIC);
  EXPECT_EQ(header.version, HEED_PACKAGE_VERSION);
  EXPECT_EQ(header.file_bytes, bytes.size());
  EXPECT_STREQ(header.target, "x86-64-v3");
  EXPECT_EQ(header.vocabulary, 13u);
  EXPECT_EQ(header.stop_ids.size, 12u);
  int32_t last;
  std::memcpy(&last, bytes.data() + header.stop_ids.offset + 8, 4);
  EXPECT_EQ(last, 7);
  EXPECT_EQ(std::string(bytes.data() + header.metadata.offset, 2), "{}");
  EXPECT_EQ(header.operands.size, 12u);
  EXPECT_EQ(header.operands.offset % 8, 0u);
  ASSERT_EQ(header.maps.size, 32u);
  heed_package_map map;
  std::memcpy(&map, bytes.data() + header.maps.offset + 16, 16);
  EXPECT_EQ(map.buffer, 1u);
  EXPECT_EQ(map.box_rows, 32u);
  EXPECT_EQ(std::string(bytes.data() + header.code.offset, 3), "ELF");
  EXPECT_EQ(header.code.offset % 64, 0u);
}

TEST(PackageBuilder, ChecksumCoversAllButItself) {
  PackageBuilder builder;
  builder.metadata = "{}";
  std::vector<char> bytes = builder.finish();
  uint64_t checksum = readHeader(bytes).checksum;
  std::memset(bytes.data() + offsetof(heed_package_header, checksum), 0, 8);
  EXPECT_EQ(heed_hash(HEED_HASH_START, bytes.data(), bytes.size()), checksum);
}

TEST(PackageBuilder, KeepsEqualStringsOnce) {
  PackageBuilder builder;
  heed_span first = builder.addString("layer"), other = builder.addString("x");
  heed_span again = builder.addString("layer");
  EXPECT_EQ(first.offset, again.offset);
  EXPECT_EQ(other.offset, 5u);
  EXPECT_EQ(other.size, 1u);
}

TEST(PackageBuilder, AlignsWhatIsEmbedded) {
  PackageBuilder builder;
  EXPECT_EQ(builder.embed({'a'}), 0u);
  EXPECT_EQ(builder.embed({'b', 'c'}), 64u);
  std::vector<char> bytes = builder.finish();
  heed_span embedded = readHeader(bytes).embedded;
  EXPECT_EQ(embedded.size, 66u);
  EXPECT_EQ(bytes[embedded.offset + 65], 'c');
}

} // namespace
