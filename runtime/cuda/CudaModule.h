//===- CudaModule.h - Kernels on a GPU --------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Loads code, a cubin or PTX text, and finds the kernels in it. PTX is
/// compiled by the driver, whose log becomes the message if it fails.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDAMODULE_H
#define HEED_RUNTIME_CUDA_CUDAMODULE_H

#include "runtime/Status.h"
#include "runtime/cuda/CudaContext.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace heed {

/// One kernel and how a program of it is launched.
struct CudaKernel {
  std::string name;
  CuFunction function = nullptr;
  uint32_t threads = 0;
  uint32_t sharedBytes = 0;  ///< Dynamic shared memory.
  bool isPersistent = false; ///< Hands its programs out (heed-c/Package.h).
};

class CudaModule {
public:
  CudaModule() = default;
  CudaModule(const CudaModule &) = delete;
  CudaModule &operator=(const CudaModule &) = delete;
  ~CudaModule() { unload(); }

  /// Loads `code`, see heed-c/Package.h. The context must be current, and
  /// outlive this. Fails with HEED_BAD_PACKAGE or HEED_OUT_OF_MEMORY.
  Status load(const CudaContext &context, std::string_view code);

  /// Finds the function `kernel.name` and checks that the GPU can launch it
  /// with the threads and the shared memory of `kernel`.
  Status find(CudaKernel &kernel) const;

  /// Forgets the code, if there is any. The context must be current.
  void unload();

private:
  const CudaContext *context_ = nullptr;
  CuModule module_ = nullptr;
};

/// Fails with HEED_BAD_PACKAGE unless GPUs run packages for `target`.
Status checkGpuTarget(const std::string &target);

/// Fails with HEED_BAD_PACKAGE unless this GPU runs `code` for `target`. A
/// cubin of sm_80 runs on 8.x, its PTX on everything newer; sm_90a is for 9.0.
Status checkGpu(const CudaContext &context, const std::string &target,
                std::string_view code);

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDAMODULE_H
