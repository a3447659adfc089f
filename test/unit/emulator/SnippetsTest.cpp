//===- SnippetsTest.cpp - Runs what nvcc makes of small kernels -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/emulator/Harness.h"

#include "heed/Support/HalfFloat.h"

#include <cmath>
#include <fstream>
#include <sstream>

using namespace heed;
using namespace heed::ptx;
using namespace heed::ptx::test;

namespace {

std::string readSnippets() {
  std::ifstream file(HEED_TEST_SNIPPETS);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

/// Every test runs its kernel under several seeds.
class Snippets : public testing::TestWithParam<uint64_t> {
protected:
  void SetUp() override {
    Status error = module.parse(readSnippets());
    ASSERT_FALSE(error) << error.message();
  }
  template <typename T> int64_t share(std::vector<T> &values) {
    memory.add(values.data(), values.size() * sizeof(T));
    return addressOf(values);
  }
  void launch(const char *kernel, int64_t grid, uint32_t threads,
              uint32_t shared, const std::vector<int64_t> &words) {
    Status error = module.launch(kernel, grid, threads, shared, words, memory,
                                 {GetParam()});
    ASSERT_FALSE(error) << error.message();
  }

  Module module;
  Memory memory;
  std::mt19937 random{3};
};

TEST_P(Snippets, RowSums) {
  const int64_t rows = 3, columns = 777;
  std::vector<float> x(rows * columns), sums(rows);
  for (float &value : x)
    value = float(int(random() % 101) - 50);
  launch("rowSums", rows, 128, 0, {share(x), share(sums), columns});
  for (int64_t row = 0; row != rows; ++row) {
    int64_t sum = 0;
    for (int64_t i = 0; i != columns; ++i)
      sum += int64_t(x[row * columns + i]);
    EXPECT_EQ(sums[row], float(sum));
  }
}

TEST_P(Snippets, Softmax) {
  const int64_t rows = 2, columns = 100;
  std::vector<uint16_t> x(rows * columns), y(rows * columns);
  for (uint16_t &value : x)
    value = floatToBf16(float(random() % 2000) / 100 - 10);
  launch("softmax", rows, 32, 0, {share(x), share(y), columns});
  for (int64_t row = 0; row != rows; ++row) {
    double sum = 0;
    for (int64_t i = 0; i != columns; ++i)
      sum += std::exp(bf16ToDouble(x[row * columns + i]));
    for (int64_t i = 0; i != columns; ++i) {
      double wanted = std::exp(bf16ToDouble(x[row * columns + i])) / sum;
      EXPECT_NEAR(bf16ToDouble(y[row * columns + i]), wanted, wanted / 250);
    }
  }
}

TEST_P(Snippets, LoopsOfDifferentLengths) {
  std::vector<int32_t> x(128), steps(128), history(128);
  for (size_t i = 0; i != x.size(); ++i)
    x[i] = int32_t(i + 1);
  launch("collatz", 2, 64, 0, {share(x), share(steps), share(history)});
  for (size_t i = 0; i != x.size(); ++i) {
    std::vector<int32_t> path = {x[i]};
    while (path.back() != 1)
      path.push_back(path.back() % 2 ? 3 * path.back() + 1 : path.back() / 2);
    EXPECT_EQ(steps[i], int32_t(path.size() - 1));
    int32_t wanted = 0;
    for (size_t step = 0; step + 1 < path.size(); ++step)
      wanted = int32_t(step) % 4 == x[i] % 4 ? path[step] : wanted;
    EXPECT_EQ(history[i], wanted);
  }
}

TEST_P(Snippets, AtomicsAndVariables) {
  std::vector<int32_t> x(256);
  std::vector<uint32_t> bins(64), last(1), wanted(64);
  const uint32_t weights[] = {3, 1, 4, 1};
  for (int32_t &value : x) {
    value = int32_t(random() % 1000);
    wanted[value % 64] += 2 * weights[value % 4];
  }
  // The counter of finished blocks wraps, so that a second launch works.
  for (int round = 0; round != 2; ++round) {
    last[0] = 0;
    launch("histogram", 4, 64, 0, {share(x), share(bins), share(last)});
    EXPECT_NE(last[0], 0u);
  }
  EXPECT_EQ(bins, wanted);
}

TEST_P(Snippets, RingOfCopies) {
  const int64_t steps = 5, threads = 64;
  std::vector<float> x(steps * threads * 4), y(x.size());
  for (float &value : x)
    value = float(random() % 1000);
  launch("ring", 1, threads, 2 * threads * 16, {share(x), share(y), steps});
  for (size_t i = 0; i != x.size(); ++i)
    EXPECT_EQ(y[i], x[i ^ 4]) << i;
}

INSTANTIATE_TEST_SUITE_P(Seeds, Snippets, testing::Values(1, 2, 3, 4));

} // namespace
