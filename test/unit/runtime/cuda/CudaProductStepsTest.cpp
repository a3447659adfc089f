//===- CudaProductStepsTest.cpp - Steps with products ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Model.h"
#include "runtime/cache/Cache.h"
#include "runtime/cuda/CudaProducts.h"
#include "test/unit/runtime/ProductModel.h"
#include "test/unit/runtime/cuda/FakeProducts.h"

using namespace heed;
using namespace heed::test;

namespace {

constexpr int64_t least = CudaProducts::leastRows;

/// A model whose prefill is a product and its launch, and whose decode is the
/// launch alone.
class ProductStepsTest : public FakeProducts {
protected:
  void SetUp() override {
    FakeProducts::SetUp();
    PackageBuilder builder = productBuilder();
    builder.beginEntry("decode");
    builder.launch(0,
                   {heed_operand(HEED_ARG_LOGITS, 0),
                    heed_operand(HEED_ARG_SIZE, 1), builder.constant(H),
                    builder.constant(W)},
                   {{{0, 1, 0, 0}, 1}}, "head");
    builder.endEntry();
    std::string bytes = builder.build();
    Package package;
    ASSERT_FALSE(package.copy(bytes.data(), bytes.size(), "m.heed"));
    ASSERT_EQ(Model::open(std::move(package), ".", "cuda",
                          {0, library, {HEED_FAKE_CUBLASLT}}, model)
                  .message(),
              "");
    ASSERT_FALSE(Cache::create(*model, least, 1000, cache));
  }
  void TearDown() override {
    cache.reset();
    model.reset();
    FakeProducts::TearDown();
  }

  void run(Phase phase, int64_t batch, int64_t tokens) {
    std::vector<int32_t> ids(batch * tokens, 1);
    std::vector<float> logits(batch * productColumns);
    heed_step step = {batch,   tokens,  1,       ids.data(),
                      nullptr, nullptr, nullptr, logits.data()};
    EXPECT_EQ(cache->step(phase, step).message(), "");
  }

  std::unique_ptr<Model> model;
  std::unique_ptr<Cache> cache;
};

TEST_F(ProductStepsTest, TheLibraryOrTheLaunch) {
  EXPECT_EQ(model->products().rfind("products of 128 rows", 0), 0u);
  run(Phase::Prefill, 1, least - 1);
  EXPECT_EQ(takeLaunches(), std::vector<std::string>{"clear"});
  EXPECT_EQ(lt->multiplications, 0);
  run(Phase::Prefill, 1, least);
  run(Phase::Prefill, 2, least / 2);
  EXPECT_EQ(takeLaunches(), std::vector<std::string>{});
  EXPECT_EQ(lt->multiplications, 2);
}

TEST_F(ProductStepsTest, TracesEitherOnce) {
  std::vector<std::string> labels;
  cache->setTrace({[](void *user, const char *label, int64_t) {
                     static_cast<std::vector<std::string> *>(user)->push_back(
                         label);
                   },
                   &labels});
  run(Phase::Prefill, 1, least);
  run(Phase::Prefill, 1, 1);
  EXPECT_EQ(lt->multiplications, 1);
  EXPECT_EQ(labels,
            (std::vector<std::string>{"layer 0 linear", "layer 0 linear"}));
}

/// Also if it has many rows.
TEST_F(ProductStepsTest, RecordedDecodeIsOfLaunches) {
  run(Phase::Prefill, least, 1);
  EXPECT_EQ(lt->multiplications, 1);
  for (int step = 0; step != 3; ++step)
    run(Phase::Decode, least, 1);
  EXPECT_EQ(takeLaunches(),
            (std::vector<std::string>{"clear", "clear*", "clear*"}));
  EXPECT_EQ(lt->multiplications, 1);
}

} // namespace
