//===- CudaContext.h - One GPU and its context ------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Opens a GPU by its number and says what it is. The context is the one that
/// all users of the GPU in this process share, so that their addresses are good
/// for each other; it is current only while a `Current` lives.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDACONTEXT_H
#define HEED_RUNTIME_CUDA_CUDACONTEXT_H

#include "runtime/Status.h"
#include "runtime/cuda/CudaDriver.h"

#include <string>

namespace heed {

class CudaContext {
public:
  CudaContext() = default;
  CudaContext(const CudaContext &) = delete;
  CudaContext &operator=(const CudaContext &) = delete;
  ~CudaContext();

  /// Opens GPU `ordinal` with the driver in the shared library `library`. Fails
  /// with HEED_NO_SUCH_DEVICE.
  Status open(const std::string &library, int ordinal);

  const CudaDriver &driver() const { return driver_; }
  /// "cuda:0", for messages.
  const std::string &name() const { return name_; }
  /// "cuda:0 (NVIDIA H100 80GB HBM3, sm_90)".
  std::string describe() const;

  int major() const { return major_; }
  int minor() const { return minor_; }
  /// The most shared memory that a program can have.
  int sharedBytes() const { return sharedBytes_; }
  int multiprocessors() const { return multiprocessors_; }

  /// Makes a failed call an error that names the device.
  Status check(CuResult result, const char *function,
               heed_status code = HEED_DEVICE_FAILED) const;

private:
  Status readAttributes();

  CudaDriver driver_;
  std::string name_, model_;
  CuDevice device_ = 0;
  CuContext context_ = nullptr;
  int major_ = 0, minor_ = 0, sharedBytes_ = 0, multiprocessors_ = 0;

  friend class CudaCurrent;
};

/// Makes a context the current one of this thread for as long as it lives.
class CudaCurrent {
public:
  explicit CudaCurrent(const CudaContext &context) : context_(context) {
    context.driver_.cuCtxPushCurrent_v2(context.context_);
  }
  CudaCurrent(const CudaCurrent &) = delete;
  CudaCurrent &operator=(const CudaCurrent &) = delete;
  ~CudaCurrent() {
    CuContext popped;
    context_.driver_.cuCtxPopCurrent_v2(&popped);
  }

private:
  const CudaContext &context_;
};

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDACONTEXT_H
