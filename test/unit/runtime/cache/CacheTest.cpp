//===- CacheTest.cpp - Tests of runtime/cache/Cache -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

std::vector<int32_t> slice(const std::vector<int32_t> &ids, int64_t first,
                           int64_t count) {
  return {ids.begin() + first, ids.begin() + first + count};
}

std::vector<float> lastRows(const std::vector<float> &all, int64_t first) {
  return {all.begin() + first * V, all.end()};
}

/// Every way of cutting a sequence into prefill chunks and decodes gives what
/// the definition gives, also where a chunk is longer than the ring.
TEST(CacheTest, ChunksAndDecodesAgreeWithTheDefinition) {
  for (uint32_t window : {1u, 3u, 5u, 64u})
    for (uint32_t sinks : {0u, 2u}) {
      TinyOptions options = {window, sinks, false, 0};
      std::string package = tinyBuilder(options).build();
      std::vector<int32_t> ids = someIds(40);
      std::vector<float> expected = expectAll(ids, options);
      for (int64_t chunk : {1, 2, 3, 7, 13, 40}) {
        TinySession session(package, 1, 40);
        std::vector<float> found;
        for (int64_t first = 0; first < 40; first += chunk) {
          int64_t count = std::min<int64_t>(chunk, 40 - first);
          std::vector<float> rows = session.run(slice(ids, first, count));
          ASSERT_EQ(session.status, HEED_OK) << heed_last_error();
          found.insert(found.end(), rows.begin(), rows.end());
        }
        EXPECT_EQ(found, expected) << "window " << window << ", sinks " << sinks
                                   << ", chunk " << chunk;
      }
      TinySession session(package, 1, 40);
      std::vector<float> found = session.run(slice(ids, 0, 11));
      for (int64_t i = 11; i != 40; ++i) {
        std::vector<float> row = session.decode(ids[i]);
        found.insert(found.end(), row.begin(), row.end());
      }
      EXPECT_EQ(found, expected) << "window " << window << ", sinks " << sinks;
    }
}

/// A capacity below window + sinks makes the ring smaller, not wrong.
TEST(CacheTest, SmallCapacity) {
  TinyOptions options = {64, 4, false, 0};
  std::vector<int32_t> ids = someIds(6);
  for (int64_t capacity : {6, 7, 30}) {
    TinySession session(tinyBuilder(options).build(), 2, capacity);
    EXPECT_EQ(heed_cache_bytes(session.cache),
              2 * 2 * capacity * 2 * H * W * 4);
    EXPECT_EQ(session.run(ids, 1), expectAll(ids, options));
  }
}

TEST(CacheTest, BytesAreExact) {
  TinySession session(tinyBuilder({5, 2, true, 0}).build(), 3, 100);
  int64_t entryBytes = 2 * H * W * 4; // k and v
  int64_t kept = entryBytes * (100 + 7), released = entryBytes * 100;
  EXPECT_EQ(heed_cache_bytes(session.cache), 3 * (kept + released));
  session.run(someIds(4), 0);
  session.run(someIds(4), 1);
  session.decode(1, 1);
  ASSERT_EQ(session.status, HEED_OK) << heed_last_error();
  EXPECT_EQ(heed_cache_bytes(session.cache), 3 * kept + 2 * released);
  EXPECT_EQ(heed_cache_reset(session.cache, 1), HEED_OK);
  EXPECT_EQ(heed_cache_bytes(session.cache), 3 * (kept + released));
  EXPECT_EQ(heed_cache_bytes(nullptr), 0);
}

TEST(CacheTest, UntilDecode) {
  TinyOptions options = {5, 2, true, 0};
  TinySession session(tinyBuilder(options).build(), 2, 40);
  std::vector<int32_t> ids = someIds(12);
  std::vector<float> all = expectAll(ids, options, 3);
  EXPECT_EQ(session.run(slice(ids, 0, 5)),
            expectAll(slice(ids, 0, 5), options, 3));
  EXPECT_EQ(session.run(slice(ids, 5, 6)),
            lastRows(expectAll(slice(ids, 0, 11), options, 3), 5));
  EXPECT_EQ(session.decode(ids[11]), expectLogits(ids, 11, options, 2));
  session.run({1});
  EXPECT_EQ(session.status, HEED_INVALID_ARGUMENT);
  EXPECT_STREQ(heed_last_error(),
               "prefill: slot 0 has decoded, which has released its cache "
               "'layer 2'; an empty slot is wanted");
  EXPECT_EQ(session.tokens(0), 12);
  // The other slot is not touched, a reset slot is like new, a copy is not.
  EXPECT_EQ(session.run(ids, 1), all);
  EXPECT_EQ(heed_cache_reset(session.cache, 0), HEED_OK);
  EXPECT_EQ(session.run(ids), all);
  session.decode(2, 1);
  EXPECT_EQ(heed_cache_fork(session.cache, 1, 0), HEED_OK);
  session.run({1});
  EXPECT_EQ(session.status, HEED_INVALID_ARGUMENT);
  EXPECT_EQ(session.decode(3, 0), session.decode(3, 1));
}

TEST(CacheTest, TrimRefusedOnlyBehindAnOverwrittenEntry) {
  TinyOptions options = {5, 2, false, 0};
  std::string package = tinyBuilder(options).build();
  std::vector<int32_t> ids = someIds(30), other = someIds(30, 9);
  for (int64_t held = 0; held != 12; ++held)
    for (int64_t left = 0; left <= held; ++left) {
      TinySession session(package, 1, 60);
      if (held)
        session.run(slice(ids, 0, held));
      heed_status status = heed_cache_trim(session.cache, 0, left);
      bool kept = held <= 7 || left <= 2 || left == held;
      ASSERT_EQ(status, kept ? HEED_OK : HEED_INVALID_ARGUMENT)
          << held << " to " << left;
      EXPECT_EQ(session.tokens(0), kept ? left : held);
      std::vector<int32_t> joined = slice(ids, 0, kept ? left : held);
      size_t before = joined.size();
      joined.insert(joined.end(), other.begin(), other.end());
      // What was refused must have changed nothing.
      EXPECT_EQ(session.run(other),
                lastRows(expectAll(joined, options), before))
          << held << " to " << left;
    }
  TinySession session(package, 1, 60);
  session.run(slice(ids, 0, 12));
  EXPECT_EQ(heed_cache_trim(session.cache, 0, 9), HEED_INVALID_ARGUMENT);
  EXPECT_STREQ(heed_last_error(), "trim of slot 0 to 9 tokens found, the ring "
                                  "of cache 'layer 1' has 7 of 12 left");
  EXPECT_EQ(heed_cache_trim(session.cache, 0, 13), HEED_INVALID_ARGUMENT);
  EXPECT_EQ(heed_cache_trim(session.cache, 0, -1), HEED_INVALID_ARGUMENT);
}

TEST(CacheTest, ForkIsACopyThatGoesItsOwnWay) {
  TinyOptions options = {5, 2, false, 0};
  std::string package = tinyBuilder(options).build();
  std::vector<int32_t> ids = someIds(12), longer = someIds(25, 3);
  for (int64_t held : {0, 3, 7, 12}) {
    TinySession session(package, 2, 40);
    session.run(longer, 1); // What the copy must not show.
    if (held)
      session.run(slice(ids, 0, held), 0);
    ASSERT_EQ(heed_cache_fork(session.cache, 0, 1), HEED_OK);
    EXPECT_EQ(session.tokens(1), held);
    std::vector<int32_t> one = slice(ids, 0, held), two = one;
    std::vector<int32_t> tails[2] = {someIds(9, 5), someIds(9, 6)};
    one.insert(one.end(), tails[0].begin(), tails[0].end());
    two.insert(two.end(), tails[1].begin(), tails[1].end());
    EXPECT_EQ(session.run(tails[1], 1),
              lastRows(expectAll(two, options), held));
    EXPECT_EQ(session.run(tails[0], 0),
              lastRows(expectAll(one, options), held));
  }
}

TEST(CacheTest, FullCacheChangesNothing) {
  TinyOptions options;
  TinySession session(tinyBuilder(options).build(), 2, 10);
  std::vector<int32_t> ids = someIds(10);
  session.run(slice(ids, 0, 8));
  session.run(slice(ids, 0, 3));
  EXPECT_EQ(session.status, HEED_CACHE_FULL);
  EXPECT_STREQ(heed_last_error(), "prefill: sequence 0: 3 tokens for slot 0 "
                                  "found, which has room for 2 of 10");
  EXPECT_EQ(session.tokens(0), 8);
  EXPECT_EQ(session.run(slice(ids, 8, 2)),
            lastRows(expectAll(ids, options), 8));
  session.decode(1);
  EXPECT_EQ(session.status, HEED_CACHE_FULL);
}

TEST(CacheTest, SizesOutOfRange) {
  TinySession session(tinyBuilder().build(), 1, 1);
  heed_cache *cache = nullptr;
  for (int64_t wrong : {int64_t(-1), int64_t(0), int64_t(1) << 31, INT64_MAX}) {
    EXPECT_EQ(heed_cache_create(session.model, wrong, 8, &cache),
              HEED_INVALID_ARGUMENT);
    EXPECT_EQ(heed_cache_create(session.model, 8, wrong, &cache),
              HEED_INVALID_ARGUMENT);
  }
  EXPECT_EQ(heed_cache_create(session.model, INT32_MAX, INT32_MAX, &cache),
            HEED_OUT_OF_MEMORY);
  EXPECT_EQ(heed_cache_create(session.model, 1 << 20, 1 << 20, &cache),
            HEED_OUT_OF_MEMORY);
  EXPECT_EQ(cache, nullptr);
}

} // namespace
