//===- CpuDevice.h - Kernels on this processor ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The device "cpu": addresses are pointers, work is done when a call returns,
/// programs run on a pool of threads that belongs to the device.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CPU_CPUDEVICE_H
#define HEED_RUNTIME_CPU_CPUDEVICE_H

#include "runtime/Device.h"
#include "runtime/cpu/ElfImage.h"
#include "runtime/cpu/ThreadPool.h"

#include <vector>

namespace heed {

class CpuDevice final : public Device {
public:
  /// Loads the kernels of `package`. `threads` is 0, for one per processor
  /// that this process may use, or 1 to 1024.
  static Status open(const Package &package, int threads,
                     std::unique_ptr<Device> &device);

  Status allocate(int64_t bytes, const char *what, int64_t &address) override;
  void release(int64_t address, int64_t bytes) override;
  void discard(int64_t address, int64_t bytes) override;
  Status adopt(const void *host, int64_t bytes, int64_t element,
               int64_t &address) override;
  void write(int64_t to, const void *host, int64_t bytes) override;
  void read(void *host, int64_t from, int64_t bytes) override;
  void copy(int64_t to, int64_t from, int64_t bytes) override;
  void fill(int64_t to, int32_t value, int64_t count) override;
  void launch(uint32_t kernel, const int64_t *params, int64_t count,
              int64_t grid) override;
  void append(const Append &append) override;
  Status finish() override { return Status(); }

private:
  Status loadKernels(const Package &package);
  Status allocateScratch(const Package &package);

  ElfImage image_;
  std::vector<heed_cpu_kernel> kernels_;
  ThreadPool pool_;
  /// Private memory of all threads, one behind the other.
  Pages scratch_;
  int64_t scratchBytes_ = 0;
  /// Weights that lay at odd addresses.
  std::vector<Pages> copies_;
};

} // namespace heed

#endif // HEED_RUNTIME_CPU_CPUDEVICE_H
