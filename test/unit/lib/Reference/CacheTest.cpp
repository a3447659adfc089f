//===- CacheTest.cpp - What is remembered of earlier tokens ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Cache.h"

#include "gtest/gtest.h"

namespace heed::reference {
namespace {

/// One field of two heads of width 1; the entry of token t is (t, 100 + t).
CacheLayout layoutOf(int64_t window, int64_t sinks) {
  CacheLayout layout;
  layout.fields.push_back({2, 1, Element::F32});
  layout.window = window;
  layout.sinks = sinks;
  return layout;
}

/// Appends these tokens to one sequence; -1 is padding.
CacheValue append(const CacheValue &value, std::vector<double> tokens) {
  auto count = static_cast<int64_t>(tokens.size());
  Tensor positions(Element::I32, {1, count}, tokens);
  Tensor entries(Element::F32, {1, 2, count, 1});
  for (int64_t t = 0; t < count; ++t) {
    entries.data[t] = tokens[t];
    entries.data[count + t] = 100 + tokens[t];
  }
  return value.append({std::make_shared<Tensor>(positions),
                       {std::make_shared<Tensor>(entries)}});
}

void commit(Cache &cache, int64_t slot, std::vector<double> tokens) {
  auto count = static_cast<int64_t>(tokens.size());
  cache.commit(append(CacheValue(cache, slot), tokens),
               Tensor(Element::I64, {1, count}, tokens));
}

/// Returns the positions of a slot in storage order, after checking that the
/// contents belong to them.
std::vector<double> read(const CacheValue &value) {
  std::vector<Tensor> contents = value.read();
  int64_t count = contents[1].width();
  for (int64_t i = 0; i < count; ++i) {
    EXPECT_EQ(contents[0].data[i], contents[1].data[i]);
    EXPECT_EQ(contents[0].data[count + i], 100 + contents[1].data[i]);
  }
  return contents[1].data;
}

using Positions = std::vector<double>;

TEST(CacheTest, TokensStayInOrder) {
  Cache cache(layoutOf(0, 0), 1, 8);
  EXPECT_EQ(cache.getEntries(), 8);
  commit(cache, 0, {0, 1, -1, 2});
  commit(cache, 0, {3});
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0, 1, 2, 3}));
  EXPECT_EQ(cache.getSlot(0).count(), 4);
}

TEST(CacheTest, RingOverwritesBehindTheSinks) {
  Cache cache(layoutOf(3, 2), 1, 100);
  EXPECT_EQ(cache.getEntries(), 5);
  commit(cache, 0, {0, 1, 2, 3});
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0, 1, 2, 3}));
  commit(cache, 0, {4, 5});
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0, 1, 5, 3, 4}));
  commit(cache, 0, {6, 7, 8, 9});
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0, 1, 8, 9, 7}));
}

TEST(CacheTest, CapacityLimitsARing) {
  EXPECT_EQ(Cache(layoutOf(256, 4), 1, 16).getEntries(), 16);
  EXPECT_EQ(Cache(layoutOf(12, 4), 1, 17).getEntries(), 16);
}

TEST(CacheTest, AValueChangesNothingUntilItIsCommitted) {
  Cache cache(layoutOf(2, 0), 1, 8);
  commit(cache, 0, {0, 1});
  CacheValue later = append(CacheValue(cache, 0), {2});
  EXPECT_EQ(read(later), (Positions{2, 1}));
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0, 1}));
}

TEST(CacheTest, ShortSequencesHavePaddedEntries) {
  Cache cache(layoutOf(0, 0), 3, 8);
  commit(cache, 2, {0, 1, 2});
  commit(cache, 0, {7});
  std::vector<Tensor> contents = CacheValue(cache, {0, 2, 1}).read();
  EXPECT_EQ(contents[0].shape, (std::vector<int64_t>{3, 2, 3, 1}));
  EXPECT_EQ(contents[1].data, (Positions{7, -1, -1, 0, 1, 2, -1, -1, -1}));
}

TEST(CacheTest, TrimForgetsTheEnd) {
  Cache cache(layoutOf(0, 0), 1, 8);
  commit(cache, 0, {0, 1, 2, 3});
  cache.trim(0, 2);
  commit(cache, 0, {2});
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0, 1, 2}));
}

TEST(CacheTest, TrimNeedsWhatARingHasOverwritten) {
  Cache cache(layoutOf(3, 1), 1, 100);
  commit(cache, 0, {0, 1, 2, 3});
  EXPECT_TRUE(cache.canTrim(0, 2)); // Not full yet.
  commit(cache, 0, {4});
  EXPECT_FALSE(cache.canTrim(0, 4));
  EXPECT_TRUE(cache.canTrim(0, 5));
  EXPECT_TRUE(cache.canTrim(0, 1)); // The sinks are still there.
  cache.trim(0, 1);
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0}));
  EXPECT_EQ(cache.getSlot(0).position(1), -1);
}

TEST(CacheTest, TrimCountsTheTokensOfTheSequence) {
  // Tokens 1 and 3 of the sequence passed by this cache.
  Cache cache(layoutOf(0, 0), 1, 8);
  cache.commit(append(CacheValue(cache, 0), {0, -1, 2, -1, 4}),
               Tensor(Element::I64, {1, 5}, {0, 1, 2, 3, 4}));
  cache.trim(0, 4);
  EXPECT_EQ(read(CacheValue(cache, 0)), (Positions{0, 2}));
}

TEST(CacheTest, ForkAndResetAreDeep) {
  Cache cache(layoutOf(0, 0), 2, 8);
  commit(cache, 0, {0, 1});
  cache.fork(0, 1);
  commit(cache, 0, {2});
  EXPECT_EQ(read(CacheValue(cache, 1)), (Positions{0, 1}));
  cache.reset(0);
  EXPECT_EQ(read(CacheValue(cache, 0)), Positions{});
  EXPECT_EQ(read(CacheValue(cache, 1)), (Positions{0, 1}));
}

TEST(CacheTest, DropsWhatWasSkipped) {
  Cache cache(layoutOf(0, 0), 1, 8);
  CacheValue before = append(CacheValue(cache, 0), {0});
  CacheValue after = append(before, {1, 2, 3});
  Tensor token(Element::I1, {1, 3}, {0, 1, 0});
  EXPECT_EQ(read(after.dropSkipped(before, token)), (Positions{0, 1, 3}));
  Tensor sequence(Element::I1, 1, {1});
  EXPECT_EQ(read(after.dropSkipped(before, sequence)), (Positions{0}));
}

} // namespace
} // namespace heed::reference
