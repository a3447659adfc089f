//===- ArenaTest.cpp - Tests of runtime/Arena -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>

using namespace heed;

namespace {

heed_package_buffer buffer(int64_t bytes, uint32_t first, uint32_t last) {
  return {{bytes / 4, 0, 0, 0}, HEED_F32, first, last, 0};
}

Table<heed_package_buffer> table(const std::vector<heed_package_buffer> &b) {
  return {b.data(), b.size()};
}

TEST(ArenaTest, ReusesWhatHasDied) {
  // A chain: each command reads the last result and writes the next.
  std::vector<heed_package_buffer> buffers;
  for (uint32_t i = 0; i != 10; ++i)
    buffers.push_back(buffer(1024, i, i + 1));
  ArenaLayout layout;
  ASSERT_FALSE(placeBuffers(table(buffers), {1, 1, 1}, layout));
  EXPECT_EQ(layout.bytes, 2048);
}

TEST(ArenaTest, EmptyBuffersTakeNoRoom) {
  ArenaLayout layout;
  ASSERT_FALSE(placeBuffers({}, {1, 1, 1}, layout));
  EXPECT_EQ(layout.bytes, 0);
  std::vector<heed_package_buffer> buffers = {buffer(0, 0, 3),
                                              buffer(64, 0, 3)};
  ASSERT_FALSE(placeBuffers(table(buffers), {1, 1, 1}, layout));
  EXPECT_EQ(layout.bytes, 64);
}

/// Compares every pair, and the sum with the most that live at once.
TEST(ArenaTest, RandomLivesNeverOverlap) {
  std::mt19937 random(1);
  for (int round = 0; round != 200; ++round) {
    std::vector<heed_package_buffer> buffers;
    for (int i = 0; i != 40; ++i) {
      uint32_t first = random() % 30;
      buffers.push_back(
          buffer(4 * (random() % 500), first, first + random() % 6));
    }
    ArenaLayout layout;
    ASSERT_FALSE(placeBuffers(table(buffers), {1, 1, 1}, layout));
    auto bytes = [&](size_t i) { return buffers[i].elements.constant * 4; };
    for (size_t i = 0; i != buffers.size(); ++i) {
      EXPECT_EQ(layout.offsets[i] % arenaAlignment, 0);
      EXPECT_LE(layout.offsets[i] + bytes(i), layout.bytes);
      for (size_t j = 0; j != i; ++j) {
        bool apart = buffers[i].last_command < buffers[j].first_command ||
                     buffers[j].last_command < buffers[i].first_command ||
                     bytes(i) == 0 || bytes(j) == 0 ||
                     layout.offsets[i] + bytes(i) <= layout.offsets[j] ||
                     layout.offsets[j] + bytes(j) <= layout.offsets[i];
        EXPECT_TRUE(apart) << i << " and " << j;
      }
    }
    int64_t most = 0;
    for (uint32_t command = 0; command != 36; ++command) {
      int64_t live = 0;
      for (size_t i = 0; i != buffers.size(); ++i)
        if (buffers[i].first_command <= command &&
            command <= buffers[i].last_command)
          live += (bytes(i) + 63) / 64 * 64;
      most = std::max(most, live);
    }
    EXPECT_GE(layout.bytes, most);
    EXPECT_LE(layout.bytes, most * 3 / 2);
  }
}

TEST(ArenaTest, OverflowIsRefused) {
  std::vector<heed_package_buffer> wrong = {
      {{0, 0, INT64_MAX, 0}, HEED_F32, 0, 0, 0}};
  ArenaLayout layout;
  EXPECT_EQ(placeBuffers(table(wrong), {1, 1, 1}, layout).code(),
            HEED_OUT_OF_MEMORY);
  int64_t half = int64_t(1) << 60; // Two of them pass 2^63 bytes.
  wrong = {{{half, 0, 0, 0}, HEED_F32, 0, 0, 0},
           {{half, 0, 0, 0}, HEED_F32, 0, 0, 0}};
  EXPECT_EQ(placeBuffers(table(wrong), {1, 1, 1}, layout).code(),
            HEED_OUT_OF_MEMORY);
}

} // namespace
