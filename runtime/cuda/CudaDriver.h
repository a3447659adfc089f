//===- CudaDriver.h - The CUDA driver, loaded at run time -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of the driver's library, found by name, so that one binary
/// runs on machines with and without a GPU. Types and numbers are those of
/// NVIDIA's cuda.h, as far as the runtime needs them; they never change.
///
/// \code
///   CudaDriver driver;
///   if (Status error = driver.open("libcuda.so.1"))
///     return error;
///   driver.cuMemAlloc_v2(&address, 4096);
/// \endcode
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDADRIVER_H
#define HEED_RUNTIME_CUDA_CUDADRIVER_H

#include "runtime/Status.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace heed {

using CuResult = int;
using CuDevice = int;
using CuAddress = uint64_t;
using CuContext = struct CuContextObject *;
using CuStream = struct CuStreamObject *;
using CuEvent = struct CuEventObject *;
using CuModule = struct CuModuleObject *;
using CuFunction = struct CuFunctionObject *;
using CuGraph = struct CuGraphObject *;
using CuGraphExec = struct CuGraphExecObject *;

inline constexpr CuResult cuSuccess = 0, cuOutOfMemory = 2, cuNotFound = 500;

// Attributes of devices and functions.
inline constexpr int cuDeviceMultiprocessors = 16, cuDeviceMajor = 75,
                     cuDeviceMinor = 76, cuDeviceSharedBytes = 97;
inline constexpr int cuFunctionThreads = 0, cuFunctionSharedBytes = 8;

// Options of cuModuleLoadDataEx.
inline constexpr int cuJitErrorLog = 5, cuJitErrorLogBytes = 6;

// What tensor maps are of: bf16, swizzled over 128 bytes, fetched by 256.
inline constexpr int cuTensorBf16 = 9, cuTensorSwizzle128 = 3,
                     cuTensorPromote256 = 3;

// Keys of the last argument of cuLaunchKernel.
inline void *const cuParamsEnd = nullptr;
inline void *const cuParams = reinterpret_cast<void *>(1);
inline void *const cuParamsBytes = reinterpret_cast<void *>(2);

// Flags: streams that do not wait for others, events without times, captures
// that leave other threads alone.
inline constexpr unsigned cuStreamNonBlocking = 1, cuEventNoTiming = 2;
inline constexpr int cuCaptureThreadLocal = 1;

class CudaDriver {
public:
  CudaDriver() = default;
  CudaDriver(const CudaDriver &) = delete;
  CudaDriver &operator=(const CudaDriver &) = delete;
  ~CudaDriver();

  /// Loads and starts the driver in the shared library `path`. Fails with
  /// HEED_NO_SUCH_DEVICE if it is not there, is older than CUDA 12 or finds no
  /// GPU.
  Status open(const std::string &path);

  /// Says in the driver's words what `result` means.
  std::string describe(CuResult result) const;

  /// Makes a failed call of `function` an error with `code`.
  Status check(CuResult result, const char *function, heed_status code) const;

#define HEED_CUDA(name, parameters) CuResult(*name) parameters = nullptr;
#include "runtime/cuda/CudaSymbols.def"
#undef HEED_CUDA

private:
  Status resolve(const std::string &path);

  void *library_ = nullptr;
};

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDADRIVER_H
