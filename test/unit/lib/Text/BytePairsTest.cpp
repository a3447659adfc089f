//===- BytePairsTest.cpp --------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/BytePairs.h"

#include <gtest/gtest.h>
#include <map>
#include <random>

using namespace heed;

namespace {

using Ids = std::vector<int32_t>;

/// Does what the description says, word for word.
Ids mergeSlowly(Ids ids, const std::map<std::pair<int32_t, int32_t>,
                                        std::pair<int, int32_t>> &merges) {
  while (true) {
    size_t best = ids.size();
    int rank = INT_MAX;
    for (size_t i = 0; i + 1 < ids.size(); ++i) {
      auto merge = merges.find({ids[i], ids[i + 1]});
      if (merge != merges.end() && merge->second.first < rank) {
        rank = merge->second.first;
        best = i;
      }
    }
    if (best == ids.size())
      return ids;
    ids[best] = merges.at({ids[best], ids[best + 1]}).second;
    ids.erase(ids.begin() + best + 1);
  }
}

TEST(BytePairs, LikeTheDescription) {
  std::mt19937 random(1);
  for (int round = 0; round != 300; ++round) {
    BytePairs pairs;
    for (int byte = 0; byte != 256; ++byte)
      pairs.setByte(uint8_t(byte), 255 - byte);
    std::map<std::pair<int32_t, int32_t>, std::pair<int, int32_t>> merges;
    std::vector<int32_t> pieces = {255 - 'a', 255 - 'b', 255 - 'c'};
    for (int i = 0; i != 12; ++i) {
      int32_t left = pieces[random() % pieces.size()];
      int32_t right = pieces[random() % pieces.size()];
      bool isNew = !merges.count({left, right});
      EXPECT_EQ(pairs.addMerge(left, right, 256 + i), isNew);
      if (!isNew)
        continue;
      merges[{left, right}] = {i, 256 + i};
      pieces.push_back(256 + i);
    }
    std::string word;
    Ids ids;
    for (size_t i = random() % 40; i != 0; --i) {
      word += char('a' + random() % 3);
      ids.push_back(255 - word.back());
    }
    Ids found = {-7}; // Appends.
    pairs.encode(word, found);
    Ids wanted = mergeSlowly(ids, merges);
    wanted.insert(wanted.begin(), -7);
    EXPECT_EQ(found, wanted) << word;
  }
}

TEST(BytePairs, WordsPrecedeMerges) {
  BytePairs pairs;
  pairs.setByte('a', 0);
  pairs.setByte('b', 1);
  pairs.addMerge(0, 1, 2);
  pairs.addWord("aba", 9);
  Ids ids;
  pairs.encode("aba", ids);
  pairs.encode("abab", ids);
  EXPECT_EQ(ids, (Ids{9, 2, 2}));
}

} // namespace
