//===- CudaDevice.h - Kernels on a GPU of NVIDIA ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The device "cuda:N": addresses are those of the GPU's memory, work goes into
/// one stream, weights are copied when they are adopted.
///
/// A GPU can fail in the middle of a step. Such a device stays failed: nothing
/// more is started, and every `finish` says what happened first.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDADEVICE_H
#define HEED_RUNTIME_CUDA_CUDADEVICE_H

#include "runtime/Device.h"
#include "runtime/cuda/CudaContext.h"
#include "runtime/cuda/CudaMaps.h"
#include "runtime/cuda/CudaModule.h"
#include "runtime/cuda/CudaProducts.h"
#include "runtime/cuda/CudaUpload.h"

#include <memory>
#include <string>
#include <vector>

namespace heed {

class CudaDevice final : public Device {
public:
  /// Loads the kernels of `package` on GPU `ordinal`, with the libraries that
  /// `options` name.
  static Status open(const Package &package, const DeviceOptions &options,
                     int ordinal, std::unique_ptr<Device> &device);
  ~CudaDevice() override;

  Status allocate(int64_t bytes, const char *what, int64_t &address) override;
  void release(int64_t address, int64_t bytes) override;
  /// Clears; the memory goes back with the allocation as a whole.
  void discard(int64_t address, int64_t bytes) override;
  Status adopt(const void *host, int64_t bytes, int64_t element,
               int64_t &address) override;
  void write(int64_t to, const void *host, int64_t bytes) override;
  void read(void *host, int64_t from, int64_t bytes) override;
  void copy(int64_t to, int64_t from, int64_t bytes) override;
  void fill(int64_t to, int32_t value, int64_t count) override;
  /// Two for each multiprocessor.
  int64_t programsWanted() const override {
    return 2 * context_.multiprocessors();
  }
  void launch(uint32_t kernel, const int64_t *params, int64_t count,
              int64_t grid) override;
  bool multiply(const Product &product) override;
  std::string describeProducts() const override;
  void append(const Append &append) override;
  bool beginRecording() override;
  std::unique_ptr<Recording> endRecording() override;
  void replay(const Recording &recording) override;
  Status finish() override;

private:
  Status start();
  Status loadKernels(const Package &package);
  Status checkLaunches(const Package &package) const;
  Status openProducts(const Package &package,
                      const std::vector<std::string> &libraries);
  Status reserve(int64_t bytes, const char *what, int64_t &address);
  Status refuse(CuResult result, int64_t bytes, const char *what) const;
  /// Launches with the last two arguments of cuLaunchKernel.
  void launch(const CudaKernel &kernel, void **params, void **extra,
              int64_t grid);
  /// Launches with a block of parameters that has no tensor maps.
  void launch(const CudaKernel &kernel, const void *params, size_t bytes,
              int64_t grid);
  /// Remembers the first failure.
  void note(CuResult result, const char *function);
  void note(Status status);

  CudaContext context_;
  CuStream stream_ = nullptr, recorder_ = nullptr;
  /// Where launches go: `stream_`, or `recorder_` while that records.
  CuStream target_ = nullptr;
  CudaModule module_, ownModule_;
  std::vector<CudaKernel> kernels_;
  std::vector<CudaMaps> maps_; ///< By kernel.
  CudaKernel append_;
  CudaUpload upload_;
  bool hasProducts_ = false;
  CudaProducts products_;
  std::vector<int64_t> adopted_;
  Status failure_;
};

/// Describes GPU `ordinal`; fails if it runs no packages. Those for sm_90a run
/// best on 9.0, those for sm_80 on all others.
Status describeGpu(const std::string &library, int ordinal, DeviceFacts &facts);

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDADEVICE_H
