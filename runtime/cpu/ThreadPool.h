//===- ThreadPool.h - The threads that run programs -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A fixed set of threads that run the programs of one grid at a time. The
/// caller takes part; with one thread it does everything itself. Programs are
/// handed out in order from a counter; as they are independent, results do not
/// depend on who runs which.
///
/// A worker watches for work for some microseconds before it sleeps, and a grid
/// does not wait for workers that are still waking up. Floating-point modes are
/// the default ones in every program, whatever the caller has set.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CPU_THREADPOOL_H
#define HEED_RUNTIME_CPU_THREADPOOL_H

#include "runtime/Status.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <pthread.h>
#include <vector>

namespace heed {

class ThreadPool {
public:
  /// Runs program `program` on thread `thread` < size(), 0 being the caller's.
  using Task = void (*)(void *context, int64_t program, int thread);

  ThreadPool() = default;
  ThreadPool(const ThreadPool &) = delete;
  ThreadPool &operator=(const ThreadPool &) = delete;
  /// Waits for the workers to end.
  ~ThreadPool();

  /// Starts `threads - 1` workers. Called once.
  Status start(int threads);

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Runs `task` for every program in [0, grid) and returns when all are done.
  /// One call at a time; not from within a task.
  void run(int64_t grid, Task task, void *context);

private:
  struct Worker {
    ThreadPool *pool;
    int thread;
    pthread_t handle;
  };

  static void *enter(void *worker);
  void work(int thread);
  /// Waits for an epoch other than `seen` with work in it; 0 means the end.
  uint64_t awaitWork(uint64_t seen);
  void runPrograms(int thread);

  std::vector<Worker> workers_;

  /// The grid at work. Written only while nobody is active.
  Task task_ = nullptr;
  void *context_ = nullptr;
  int64_t grid_ = 0;
  int64_t chunk_ = 1;

  /// Next program to hand out.
  alignas(64) std::atomic<int64_t> next_{0};
  /// Odd while a grid accepts workers.
  alignas(64) std::atomic<uint64_t> epoch_{0};
  /// Workers that may be looking at the grid.
  alignas(64) std::atomic<int> active_{0};

  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<int> sleepers_{0};
  std::atomic<bool> ending_{false};
};

} // namespace heed

#endif // HEED_RUNTIME_CPU_THREADPOOL_H
