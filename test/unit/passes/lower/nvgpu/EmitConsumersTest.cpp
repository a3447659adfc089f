//===- EmitConsumersTest.cpp - Pipelined attention against doubles --------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/nvgpu/AttentionKernels.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace heed;
using namespace heed::test;

namespace {

/// Weights are rounded to bf16 before they meet the values, outputs are rounded
/// once: 2^-9 each.
constexpr double kRoundings = 4e-3;

/// Whether to run many seeds: the program's argument --emulate-all.
bool emulateAll = false;

void expectRight(const AttentionCase &shape) {
  GpuImage image = compileAttention(shape);
  ASSERT_FALSE(image.kernels.front().maps.empty())
      << image.reports.front().whyPortable;
  // Without an assembler there is no report.
  EXPECT_EQ(image.reports.front().spillBytes, 0);
  EXPECT_EQ(image.reports.front().warnings, std::vector<std::string>());
  for (uint64_t seed = 1; seed <= (emulateAll ? 32 : 2); ++seed) {
    AttentionError error = runAttention(shape, image, image.ptx, seed);
    EXPECT_EQ(error.fault, "");
    EXPECT_LT(error.output, kRoundings) << "seed " << seed;
    EXPECT_LT(error.lse, 1e-5) << "seed " << seed;
  }
}

/// Heads of both widths that have the template.
class EmitConsumers : public testing::TestWithParam<int64_t> {
protected:
  EmitConsumers() { shape.width = GetParam(); }
  AttentionCase shape;
};

TEST_P(EmitConsumers, Causal) {
  for (int64_t size : {1, 130, 384}) {
    shape.queries = shape.keys = size;
    expectRight(shape);
  }
}

TEST_P(EmitConsumers, Full) {
  shape.mask = "<>";
  shape.sees = [](int64_t at, int64_t) { return at >= 0; };
  shape.queries = 129;
  for (int64_t keys : {5, 176, 500}) {
    shape.keys = keys;
    expectRight(shape);
  }
}

// Two sequences, of which each pair of query heads shares a key head.
TEST_P(EmitConsumers, GroupsOfHeads) {
  shape.batch = 2;
  shape.heads = 4;
  shape.keyHeads = 2;
  shape.queries = 70;
  shape.keys = 200;
  expectRight(shape);
}

TEST_P(EmitConsumers, QueriesWithoutKeys) {
  shape.queries = 300;
  shape.keys = 40;
  expectRight(shape);
}

TEST_P(EmitConsumers, Window) {
  shape.mask = "<causal, window = 50>";
  shape.queries = shape.keys = 400;
  shape.sees = [](int64_t at, int64_t key) {
    return key <= at && key > at - 50;
  };
  expectRight(shape);
}

// Steps between the sinks and the window are left out.
TEST_P(EmitConsumers, WindowAndSinks) {
  shape.mask = "<causal, window = 30, sinks = 3>";
  shape.queries = 200;
  shape.keys = 700;
  shape.sees = [](int64_t at, int64_t key) {
    return key <= at && (key > at - 30 || key < 3);
  };
  expectRight(shape);
}

TEST_P(EmitConsumers, WindowsPerHead) {
  shape.mask = "<causal, window = [20, 300]>";
  shape.heads = shape.keyHeads = 2;
  shape.queries = shape.keys = 320;
  shape.sees = nullptr;
  shape.seesPerHead = [](int64_t head, int64_t at, int64_t key) {
    return key <= at && key > at - (head == 0 ? 20 : 300);
  };
  expectRight(shape);
}

TEST_P(EmitConsumers, Prefix) {
  shape.mask = "<causal, prefix = 150>";
  shape.queries = shape.keys = 300;
  shape.sees = [](int64_t at, int64_t key) { return key <= at || key < 150; };
  expectRight(shape);
}

TEST_P(EmitConsumers, Softcap) {
  shape.tail = "softcap(2.0)";
  shape.queries = shape.keys = 200;
  shape.change = [](double score, int64_t, int64_t) {
    return 2 * std::tanh(score / 2);
  };
  expectRight(shape);
}

// Scores that fall with the distance of positions.
TEST_P(EmitConsumers, ScoreRegion) {
  shape.tail = R"(score {
    ^bb0(%s: f32, %b: index, %h: index, %x: i32, %y: i32):
      %d = arith.subi %x, %y : i32
      %f = arith.sitofp %d : i32 to f32
      %c = arith.constant 0.05 : f32
      %g = arith.mulf %f, %c : f32
      %r = arith.subf %s, %g : f32
      attn.yield %r : f32
  })";
  shape.queries = shape.keys = 200;
  shape.change = [](double score, int64_t at, int64_t key) {
    return score - 0.05 * double(at - key);
  };
  expectRight(shape);
}

INSTANTIATE_TEST_SUITE_P(Widths, EmitConsumers, testing::Values(64, 128));

} // namespace

int main(int argc, char **argv) {
  testing::InitGoogleTest(&argc, argv);
  for (int i = 1; i < argc; ++i)
    emulateAll |= std::string(argv[i]) == "--emulate-all";
  return RUN_ALL_TESTS();
}
