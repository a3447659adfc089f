//===- ThreadPoolTest.cpp - Tests of runtime/cpu/ThreadPool ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/ThreadPool.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <thread>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

using namespace heed;

namespace {

struct Visits {
  std::vector<std::atomic<int>> programs;
  std::atomic<int> wrongThreads{0};
  int threads = 0;
};

void visit(void *context, int64_t program, int thread) {
  Visits &visits = *static_cast<Visits *>(context);
  ++visits.programs[program];
  if (thread < 0 || thread >= visits.threads)
    ++visits.wrongThreads;
}

TEST(ThreadPoolTest, EveryProgramRunsOnce) {
  for (int threads : {1, 2, 3, 8}) {
    ThreadPool pool;
    ASSERT_FALSE(pool.start(threads));
    EXPECT_EQ(pool.size(), threads);
    for (int64_t grid : {0, 1, 2, 3, 7, 64, 1000}) {
      Visits visits;
      visits.programs = std::vector<std::atomic<int>>(grid);
      visits.threads = threads;
      for (int round = 0; round != 20; ++round)
        pool.run(grid, visit, &visits);
      for (std::atomic<int> &count : visits.programs)
        ASSERT_EQ(count, 20);
      EXPECT_EQ(visits.wrongThreads, 0);
    }
  }
}

TEST(ThreadPoolTest, WorkersWakeUpFromSleep) {
  ThreadPool pool;
  ASSERT_FALSE(pool.start(2));
  for (int round = 0; round != 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(3));
    std::atomic<int> both{0};
    // Ends only if two threads are at work at the same time.
    auto meet = [](void *context, int64_t, int) {
      auto &both = *static_cast<std::atomic<int> *>(context);
      ++both;
      while (both < 2)
        std::this_thread::yield();
    };
    pool.run(2, meet, &both);
    EXPECT_EQ(both, 2);
  }
}

TEST(ThreadPoolTest, EndsWithoutWork) {
  for (int i = 0; i != 50; ++i) {
    ThreadPool pool;
    ASSERT_FALSE(pool.start(1 + i % 4));
  }
}

#if defined(__x86_64__)
TEST(ThreadPoolTest, ModesOfTheCallerDoNotMatter) {
  unsigned before = _mm_getcsr();
  _mm_setcsr(before | 0x8040); // Subnormal numbers are zero.
  unsigned set = _mm_getcsr();
  for (int threads : {1, 2}) {
    ThreadPool pool;
    ASSERT_FALSE(pool.start(threads));
    std::vector<float> results(100);
    pool.run(
        100,
        [](void *context, int64_t program, int) {
          volatile float small = 1e-38f;
          static_cast<float *>(context)[program] = small * 0.01f;
        },
        results.data());
    for (float result : results) {
      uint32_t bits;
      memcpy(&bits, &result, 4);
      EXPECT_NE(bits, 0u);
    }
    EXPECT_EQ(_mm_getcsr() & 0xffc0, set & 0xffc0);
  }
  _mm_setcsr(before);
}
#endif

} // namespace
