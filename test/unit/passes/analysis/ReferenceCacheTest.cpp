//===- ReferenceCacheTest.cpp - Caches of a model on the reference --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ReferenceCache.h"
#include "test/unit/dialects/EvalHarness.h"

using namespace mlir;

namespace heed {
namespace {

class ReferenceCacheTest : public EvalHarness {
protected:
  FailureOr<ReferenceCache> create(std::vector<std::string> texts,
                                   int64_t slots, int64_t capacity) {
    SmallVector<attn::CacheType> types;
    for (const std::string &text : texts)
      types.push_back(cast<attn::CacheType>(parseType(text, &context)));
    return ReferenceCache::create(UnknownLoc::get(&context), types, slots,
                                  capacity);
  }
};

TEST_F(ReferenceCacheTest, CountsTheBytesOfTheRuntime) {
  auto cache = create({"!attn.cache<[k : token 2x4xbf16, v : token 2x4xbf16]>",
                       "!attn.cache<[k : ring(6, sinks 2) 1x4xf32]>"},
                      3, 100);
  ASSERT_TRUE(succeeded(cache));
  EXPECT_EQ(cache->countBytes(), 3 * (100 * 2 * 16 + 8 * 16));
  EXPECT_EQ(cache->getSlots(), 3);
  EXPECT_EQ(cache->getCapacity(), 100);
  EXPECT_EQ(cache->getTokens(2), 0);
  EXPECT_EQ(cache->getLastPosition(2), -1);
  EXPECT_FALSE(cache->hasDecoded(2));
}

TEST_F(ReferenceCacheTest, RefusesWhatItDoesNotHold) {
  EXPECT_TRUE(failed(create({"!attn.cache<[k : every(4) 2x4xbf16]>"}, 1, 8)));
  EXPECT_EQ(message, "the reference runs caches with fields of one rate, token "
                     "or ring, found '!attn.cache<[k : every(4) 2x4xbf16]>'");
  EXPECT_TRUE(failed(create({}, 0, 8)));
  EXPECT_EQ(message, "found a cache of 0 slots for 8 tokens, wanted at least 1 "
                     "of both");
}

TEST_F(ReferenceCacheTest, RefusesSlotsThatAreNotThere) {
  auto cache = create({"!attn.cache<[k : token 2x4xbf16]>"}, 2, 8);
  ASSERT_TRUE(succeeded(cache));
  EXPECT_EQ(llvm::toString(cache->reset(2)), "slot 2 found, 0 to 1 wanted");
  EXPECT_EQ(llvm::toString(cache->fork(0, -1)), "slot -1 found, 0 to 1 wanted");
  EXPECT_EQ(llvm::toString(cache->trim(0, 1)),
            "trim of slot 0 to 1 tokens found, 0 to 0 wanted");
  EXPECT_FALSE(bool(cache->reset(-1)));
  EXPECT_FALSE(bool(cache->trim(1, 0)));
}

} // namespace
} // namespace heed
