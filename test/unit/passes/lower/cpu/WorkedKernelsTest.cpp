//===- WorkedKernelsTest.cpp - The worked kernels against loops -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the kernels of test/dialects/tile/{kernels,forms}.mlir and compares
/// with loops in double precision, at sizes that do and do not fill whole
/// tiles.
///
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

using namespace heed::test;

namespace {

class WorkedKernels : public testing::TestWithParam<std::string> {
protected:
  Kernels &kernels = compiledFile("dialects/tile/kernels.mlir", GetParam());
};

TEST_P(WorkedKernels, Matmul) {
  for (int64_t n : {1, 63, 64, 100}) {
    std::vector<float> x = randomFloats(n * 128, 1);
    std::vector<float> w = randomFloats(256 * 128, 2);
    std::vector<float> y(n * 256 + 8, 7.0f);
    kernels.run("matmul", {x, w, y, n}, (n + 63) / 64 * 4);
    std::vector<double> want(n * 256);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < 256; ++j)
        for (int64_t k = 0; k < 128; ++k)
          want[i * 256 + j] += double(x[i * 128 + k]) * w[j * 128 + k];
    EXPECT_LT(relativeError(y, want), 1e-6) << n;
    EXPECT_EQ(y[n * 256], 7.0f) << "wrote behind the last row of " << n;
  }
}

TEST_P(WorkedKernels, Norm) {
  for (int64_t n : {1, 4, 7}) {
    std::vector<float> x = randomFloats(n * 128, 3);
    std::vector<float> w = randomFloats(128, 4);
    std::vector<float> y(n * 128 + 8, 7.0f);
    kernels.run("norm", {x, w, y, n}, (n + 3) / 4);
    std::vector<double> want(n * 128);
    for (int64_t i = 0; i < n; ++i) {
      double sum = 0;
      for (int64_t c = 0; c < 128; ++c)
        sum += double(x[i * 128 + c]) * x[i * 128 + c];
      for (int64_t c = 0; c < 128; ++c)
        want[i * 128 + c] = x[i * 128 + c] / std::sqrt(sum / 128 + 1e-6) * w[c];
    }
    EXPECT_LT(relativeError(y, want), 3e-7) << n;
    EXPECT_EQ(y[n * 128], 7.0f) << "wrote behind the last row of " << n;
  }
}

/// Attention of query `i` of head `h` over the keys that `sees` allows, by the
/// definition. `at` gives the first element of a query's row.
void attend(const float *q, const float *k, const float *v, int64_t keys,
            const std::function<bool(int64_t)> &sees, double scale, double *o) {
  std::vector<double> score(keys, 0);
  double top = -1e300, sum = 0;
  for (int64_t j = 0; j < keys; ++j) {
    for (int64_t d = 0; d < 64; ++d)
      score[j] += double(q[d]) * k[j * 64 + d];
    score[j] *= scale;
    if (sees(j))
      top = std::max(top, score[j]);
  }
  for (int64_t d = 0; d < 64; ++d)
    o[d] = 0;
  for (int64_t j = 0; j < keys; ++j) {
    if (!sees(j))
      continue;
    double p = std::exp(score[j] - top);
    sum += p;
    for (int64_t d = 0; d < 64; ++d)
      o[d] += p * v[j * 64 + d];
  }
  for (int64_t d = 0; d < 64 && sum > 0; ++d)
    o[d] /= sum;
}

TEST_P(WorkedKernels, AttentionOverARing) {
  constexpr int64_t heads = 8, capacity = 200;
  for (int64_t n : {1, 64, 70}) {
    for (int64_t m : {1, 100, 200}) {
      std::vector<float> q = randomFloats(n * 512, 5);
      std::vector<float> k = randomFloats(heads * capacity * 64, 6);
      std::vector<float> v = randomFloats(heads * capacity * 64, 7);
      std::vector<float> o(n * 512 + 8, 7.0f);
      // The ring holds positions out of order; some entries are empty, one
      // query is padding, one whole block lies in the future.
      std::vector<int32_t> qpos(n), kpos(capacity);
      for (int64_t i = 0; i < n; ++i)
        qpos[i] = i == 3 ? -1 : static_cast<int32_t>(100 + i);
      for (int64_t j = 0; j < capacity; ++j)
        kpos[j] = j % 17 == 5 ? -1 : static_cast<int32_t>((j + 60) % capacity);
      for (int64_t j = 64; j < 128; ++j)
        kpos[j] += 1000;
      kernels.run("attention", {q, k, v, o, qpos, kpos, n, m, capacity},
                  heads * ((n + 63) / 64));
      std::vector<double> want(n * 512);
      for (int64_t h = 0; h < heads; ++h)
        for (int64_t i = 0; i < n; ++i)
          attend(
              &q[i * 512 + h * 64], &k[h * capacity * 64],
              &v[h * capacity * 64], m,
              [&](int64_t j) { return kpos[j] >= 0 && kpos[j] <= qpos[i]; },
              0.125, &want[i * 512 + h * 64]);
      EXPECT_LT(relativeError(o, want), 2e-6) << n << " " << m;
      EXPECT_EQ(o[n * 512], 7.0f);
      if (n > 3) {
        EXPECT_EQ(o[3 * 512], 0.0f) << "a query that sees no key";
      }
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Processors, WorkedKernels,
                         testing::ValuesIn(processors()));

class Forms : public testing::TestWithParam<std::string> {
protected:
  Kernels &kernels = compiledFile("dialects/tile/forms.mlir", GetParam());
};

TEST_P(Forms, ListedBlocks) {
  constexpr int64_t n = 300, limit = 5;
  std::vector<float> q = randomFloats(n * 64, 8), k = randomFloats(n * 64, 9);
  std::vector<float> v = randomFloats(n * 64, 10), o(n * 64);
  std::vector<uint16_t> q16 = toBF16(q), k16 = toBF16(k), v16 = toBF16(v);
  for (auto [narrow, wide] : {std::pair(&q16, &q), {&k16, &k}, {&v16, &v}})
    for (size_t i = 0; i < wide->size(); ++i)
      (*wide)[i] = fromBF16((*narrow)[i]);
  std::vector<int32_t> count{1, 2, 3, 5, 2};
  std::vector<int32_t> list{4, 0, 0, 0, 0, 1, 3, 0, 0, 0, 0, 2, 4,
                            0, 0, 0, 1, 2, 3, 4, 2, 4, 0, 0, 0};
  // scale 1: the listed form has none; scores in units of log2.
  kernels.run("listed", {q16, k16, v16, o, count, list, n, limit}, 5);
  std::vector<double> want(n * 64);
  for (int64_t i = 0; i < n; ++i) {
    int64_t tile = i / 64;
    auto sees = [&](int64_t j) {
      for (int64_t e = 0; e < count[tile]; ++e)
        if (list[tile * limit + e] == j / 64)
          return true;
      return false;
    };
    attend(&q[i * 64], k.data(), v.data(), n, sees, std::log(2.0),
           &want[i * 64]);
  }
  EXPECT_LT(relativeError(o, want), 4e-3);
}

TEST_P(Forms, ChunkScan) {
  constexpr int64_t heads = 2;
  for (int64_t n : {64, 150}) {
    std::vector<float> q = randomFloats(heads * n * 64, 11);
    std::vector<float> k = randomFloats(heads * n * 64, 12);
    std::vector<float> v = randomFloats(heads * n * 64, 13);
    std::vector<float> o(heads * n * 64);
    kernels.run("scan", {q, k, v, o, heads, n}, heads);
    std::vector<double> want(heads * n * 64);
    for (int64_t h = 0; h < heads; ++h)
      for (int64_t i = 0; i < n; ++i)
        for (int64_t j = 0; j <= i; ++j) {
          const float *qi = &q[(h * n + i) * 64], *kj = &k[(h * n + j) * 64];
          double score = 0;
          for (int64_t d = 0; d < 64; ++d)
            score += double(qi[d]) * kj[d];
          for (int64_t d = 0; d < 64; ++d)
            want[(h * n + i) * 64 + d] += score * v[(h * n + j) * 64 + d];
        }
    EXPECT_LT(relativeError(o, want), 2e-6) << n;
  }
}

INSTANTIATE_TEST_SUITE_P(Processors, Forms, testing::ValuesIn(processors()));

} // namespace
