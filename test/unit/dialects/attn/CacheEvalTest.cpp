//===- CacheEvalTest.cpp - Values of caches -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/dialects/EvalHarness.h"

using namespace mlir;

namespace heed {
namespace {

using reference::Tensor;
using Values = std::vector<double>;

class CacheEvalTest : public EvalHarness {
protected:
  reference::Cache makeCache(StringRef type, int64_t slots, int64_t capacity) {
    auto parsed = dyn_cast<attn::CacheType>(parseType(type, &context));
    return reference::Cache(*attn::getCacheLayout(parsed), slots, capacity);
  }
};

constexpr char kAppendAndRead[] = R"(
  !c = !attn.cache<[k : ring(2, sinks 1) 1x1xf32]>
  func.func @f(%c: !c, %p: tensor<?x?xi32>, %k: tensor<?x1x?x1xf32>)
      -> (tensor<?x1x?x1xf32>, tensor<?x?xi32>) {
    %c1 = attn.cache_append %c, %p, %k : !c, tensor<?x1x?x1xf32>
    %v, %q = attn.cache_read %c1 : !c -> tensor<?x1x?x1xf32>, tensor<?x?xi32>
    return %v, %q : tensor<?x1x?x1xf32>, tensor<?x?xi32>
  })";

TEST_F(CacheEvalTest, ReadsWhatWasAppended) {
  reference::Cache cache =
      makeCache("!attn.cache<[k : ring(2, sinks 1) 1x1xf32]>", 2, 100);
  std::vector<Tensor> found = evaluate(
      kAppendAndRead, {reference::CacheValue(cache, {0, 1}),
                       integers({2, 4}, {0, 1, 2, 3, -1, 0, -1, 1}),
                       floats({2, 1, 4, 1}, {10, 11, 12, 13, 0, 20, 0, 21})});
  ASSERT_EQ(found.size(), 2u) << message;
  EXPECT_EQ(found[0].shape, (std::vector<int64_t>{2, 1, 3, 1}));
  EXPECT_EQ(found[0].data, (Values{10, 13, 12, 20, 21, 0}));
  EXPECT_EQ(found[1].data, (Values{0, 3, 2, 0, 1, -1}));
  // Only the handle has changed.
  EXPECT_EQ(cache.getSlot(0).count(), 0);
}

TEST_F(CacheEvalTest, RefusesOtherNumbersOfTokens) {
  reference::Cache cache =
      makeCache("!attn.cache<[k : ring(2, sinks 1) 1x1xf32]>", 1, 100);
  EXPECT_TRUE(evaluate(kAppendAndRead, {reference::CacheValue(cache, 0),
                                        integers({1, 2}, {0, 1}),
                                        floats({1, 1, 3, 1}, {1, 2, 3})})
                  .empty());
  EXPECT_EQ(message, "'attn.cache_append' op found values of shape 1x1x3x1 for "
                     "positions of shape 1x2");
}

TEST_F(CacheEvalTest, LayoutsAreOfOneRate) {
  auto layoutOf = [&](StringRef type) {
    return attn::getCacheLayout(
        cast<attn::CacheType>(parseType(type, &context)));
  };
  auto ring = layoutOf("!attn.cache<[k : ring(8, sinks 2) 2x4xbf16]>");
  ASSERT_TRUE(succeeded(ring));
  EXPECT_EQ(ring->window, 8);
  EXPECT_EQ(ring->sinks, 2);
  EXPECT_EQ(ring->fields[0].heads, 2);
  EXPECT_EQ(ring->fields[0].width, 4);
  EXPECT_EQ(ring->fields[0].element, reference::Element::BF16);
  EXPECT_TRUE(failed(layoutOf("!attn.cache<[k : every(8) 2x4xbf16]>")));
  EXPECT_TRUE(failed(
      layoutOf("!attn.cache<[k : token 2x4xf32, v : ring(8) 2x4xf32]>")));
}

TEST_F(CacheEvalTest, TypesKnowTheirBytes) {
  auto type = cast<attn::CacheType>(parseType(
      "!attn.cache<[k : ring(8, sinks 2) 2x4xbf16, s : sequence 2x4x4xf32, b : "
      "sequence i1, z : every(4) 1x8xf16, p : token 1x2xf32 until decode]>",
      &context));
  auto shapes = attn::getFieldShapes(type);
  int64_t kept = 10 * 16 + 128 + 1 + 25 * 16;
  EXPECT_EQ(countCacheBytes(shapes, 1, 100, /*decoded=*/true), kept);
  EXPECT_EQ(countCacheBytes(shapes, 3, 100, /*decoded=*/false),
            3 * (kept + 100 * 8));
  EXPECT_NE(type.lookup("s"), nullptr);
  EXPECT_EQ(type.lookup("t"), nullptr);
}

} // namespace
} // namespace heed
