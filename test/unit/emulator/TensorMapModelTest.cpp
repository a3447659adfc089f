//===- TensorMapModelTest.cpp - A model whose kernel has tensor maps ------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A package for sm_90a around Maps.ptx, from its bytes to the emulated GPU:
/// the logits are the bits of the first N rows of two weights, side by side.
///
//===----------------------------------------------------------------------===//

#include "heed-c/Runtime.h"
#include "test/unit/emulator/Faults.h"
#include "test/unit/models/EmulatedModel.h"
#include "test/unit/runtime/PackageBuilder.h"

using namespace heed;
using namespace heed::test;

namespace {

constexpr int64_t wide = 128, narrow = 64, most = 41;
/// Logits are f32, and hold two bf16 each.
constexpr int64_t V = (wide + narrow) / 2;

uint32_t addWeight(PackageBuilder &builder, const char *name,
                   const std::vector<uint16_t> &values) {
  uint64_t offset = builder.embedded.size(), bytes = values.size() * 2;
  builder.embedded.append(reinterpret_cast<const char *>(values.data()), bytes);
  return heed_operand(
      HEED_ARG_WEIGHT,
      builder.weight(name, HEED_EMBEDDED, HEED_BF16, offset, bytes));
}

/// One panel of N rows, and a box for each 16 of R.
PackageBuilder makeModel(const std::vector<uint16_t> &a,
                         const std::vector<uint16_t> &b) {
  PackageBuilder builder;
  std::strcpy(builder.header.target, "sm_90a");
  builder.header.vocabulary = V;
  builder.code = readFile(HEED_TEST_MAPS) + '\0';
  uint32_t kernel = builder.kernel("gather", 6152, 128);
  builder.map(0, 2, wide, 16);
  builder.map(1, 2, narrow, 16);
  std::vector<uint32_t> words = {
      addWeight(builder, "a", a), addWeight(builder, "b", b),
      heed_operand(HEED_ARG_SIZE, 1), heed_operand(HEED_ARG_LOGITS, 0),
      builder.constant(1000)};
  for (const char *entry : {"prefill", "decode"}) {
    builder.beginEntry(entry);
    builder.launch(kernel, words, {{{0, 0, 0, 1}, 16}});
    builder.endEntry();
  }
  return builder;
}

class TensorMapModel : public testing::Test {
protected:
  void SetUp() override {
    std::mt19937 random(5);
    a = ptx::test::makeMatrix(most * wide, random);
    b = ptx::test::makeMatrix(most * narrow, random);
    std::string bytes = makeModel(a, b).build();
    ASSERT_EQ(model.open(bytes.data(), bytes.size(), 1, 1000), "");
  }

  /// Takes `tokens` tokens and returns the bits of `rows` rows of logits.
  std::vector<uint16_t> run(bool isDecode, int64_t tokens, int64_t rows) {
    std::vector<int32_t> ids(tokens, 0), wanted(rows, -1);
    std::vector<float> logits(rows * V);
    heed_step step = {1,       tokens,        rows,    ids.data(),
                      nullptr, wanted.data(), nullptr, logits.data()};
    EXPECT_EQ(isDecode ? model.decode(step) : model.prefill(step), "");
    std::vector<uint16_t> bits(2 * logits.size());
    std::memcpy(bits.data(), logits.data(), 2 * bits.size());
    return bits;
  }
  std::vector<uint16_t> expected(int64_t tokens, int64_t rows) const {
    std::vector<uint16_t> out(rows * 2 * V, 0);
    for (int64_t row = 0; row != tokens; ++row) {
      auto to = out.begin() + row * 2 * V;
      to = std::copy_n(a.begin() + row * wide, wide, to);
      std::copy_n(b.begin() + row * narrow, narrow, to);
    }
    return out;
  }

  std::vector<uint16_t> a, b;
  EmulatedModel model;
};

TEST_F(TensorMapModel, MapsFollowTheSizesOfTheStep) {
  for (int64_t tokens : {41, 7, 16, 41}) {
    int64_t rows = (tokens + 15) / 16 * 16;
    EXPECT_EQ(run(false, tokens, rows), expected(tokens, rows)) << tokens;
  }
}

TEST_F(TensorMapModel, RecordedStepsHaveTheirMaps) {
  for (int step = 0; step != 4; ++step)
    EXPECT_EQ(run(true, 1, 16), expected(1, 16)) << step;
  EXPECT_EQ(run(true, 1, 32), expected(1, 32)) << "is recorded anew";
}

} // namespace
