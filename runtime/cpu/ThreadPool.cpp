//===- ThreadPool.cpp - The threads that run programs ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cpu/ThreadPool.h"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <sched.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace heed {

/// How often a worker looks for work before it sleeps: some 20 microseconds.
static constexpr int spins = 1000;

static void pause() {
#if defined(__x86_64__)
  _mm_pause();
#endif
}

namespace {
/// Default floating-point modes for the time of its life.
class DefaultModes {
public:
#if defined(__x86_64__)
  DefaultModes() : saved_(_mm_getcsr()) { _mm_setcsr(0x1f80); }
  ~DefaultModes() { _mm_setcsr(saved_); }

private:
  unsigned saved_;
#endif
};
} // namespace

ThreadPool::~ThreadPool() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    ending_ = true;
  }
  wake_.notify_all();
  for (Worker &worker : workers_)
    pthread_join(worker.handle, nullptr);
}

Status ThreadPool::start(int threads) {
  // Signals are the business of the application's threads.
  sigset_t all, before;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  workers_.reserve(std::max(threads - 1, 0));
  int failure = 0;
  for (int thread = 1; thread < threads && !failure; ++thread) {
    workers_.push_back({this, thread, {}});
    failure = pthread_create(&workers_.back().handle, nullptr, enter,
                             &workers_.back());
    if (failure)
      workers_.pop_back();
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  if (failure)
    return makeError(HEED_OUT_OF_MEMORY, "thread %d of %d does not start: %s",
                     size() + 1, threads, std::strerror(failure));
  return Status();
}

void *ThreadPool::enter(void *argument) {
  Worker *worker = static_cast<Worker *>(argument);
  DefaultModes modes;
  worker->pool->work(worker->thread);
  return nullptr;
}

uint64_t ThreadPool::awaitWork(uint64_t seen) {
  uint64_t epoch = 0;
  auto hasWork = [&] {
    epoch = epoch_.load();
    return epoch % 2 == 1 && epoch != seen;
  };
  for (int i = 0; i != spins; ++i) {
    if (ending_)
      return 0;
    if (hasWork())
      return epoch;
    pause();
  }
  std::unique_lock<std::mutex> lock(mutex_);
  // Counted before the last look at the epoch, so that `run`, which changes
  // the epoch before it looks at the count, misses nobody.
  ++sleepers_;
  wake_.wait(lock, [&] { return ending_ || hasWork(); });
  --sleepers_;
  return ending_ ? 0 : epoch;
}

void ThreadPool::work(int thread) {
  uint64_t seen = 0;
  while (uint64_t epoch = awaitWork(seen)) {
    seen = epoch;
    // Announced before the epoch is looked at again, so that `run`, which
    // closes the epoch before it looks at `active_`, waits for us.
    ++active_;
    if (epoch_.load() == epoch)
      runPrograms(thread);
    --active_;
  }
}

void ThreadPool::runPrograms(int thread) {
  for (;;) {
    int64_t first = next_.fetch_add(chunk_, std::memory_order_relaxed);
    if (first >= grid_)
      return;
    int64_t last = std::min(first + chunk_, grid_);
    for (int64_t program = first; program != last; ++program)
      task_(context_, program, thread);
  }
}

void ThreadPool::run(int64_t grid, Task task, void *context) {
  DefaultModes modes;
  if (workers_.empty() || grid <= 1) {
    for (int64_t program = 0; program < grid; ++program)
      task(context, program, 0);
    return;
  }
  task_ = task;
  context_ = context;
  grid_ = grid;
  // Few enough turns at the counter, yet an even end.
  chunk_ = std::max<int64_t>(1, grid / (int64_t(size()) * 16));
  next_ = 0;
  ++epoch_;
  if (sleepers_ != 0) {
    {
      std::lock_guard<std::mutex> lock(mutex_);
    }
    wake_.notify_all();
  }
  runPrograms(0);
  ++epoch_;
  for (int i = 0; active_ != 0; ++i)
    if (i < spins)
      pause();
    else
      sched_yield();
}

} // namespace heed
