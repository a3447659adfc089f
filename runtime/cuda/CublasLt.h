//===- CublasLt.h - NVIDIA's products, loaded at run time -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The functions of cuBLASLt, found by name, as CudaDriver.h does with the
/// driver. Types and numbers are those of NVIDIA's cublasLt.h, as far as the
/// runtime needs them; they are the same in versions 11, 12 and 13.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUBLASLT_H
#define HEED_RUNTIME_CUDA_CUBLASLT_H

#include "runtime/Status.h"
#include "runtime/cuda/CudaDriver.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace heed {

using LtResult = int;
using LtHandle = struct LtHandleObject *;
using LtProduct = struct LtProductObject *;
using LtLayout = struct LtLayoutObject *;
using LtPreference = struct LtPreferenceObject *;

/// cublasLtMatmulAlgo_t.
struct LtAlgorithm {
  uint64_t data[8] = {};
};

/// cublasLtMatmulHeuristicResult_t.
struct LtHeuristic {
  LtAlgorithm algorithm;
  size_t workspaceBytes = 0;
  LtResult state = 0;
  float waves = 0;
  int reserved[4] = {};
};

inline constexpr LtResult ltSuccess = 0;

// cudaDataType_t, cublasComputeType_t, cublasOperation_t.
inline constexpr int ltF32 = 0, ltBf16 = 14, ltComputeF32 = 68,
                     ltTransposed = 1;

// Attributes of products; cublasLtEpilogue_t.
inline constexpr int ltTransposeA = 3, ltEpilogue = 7, ltBiasPointer = 8;
inline constexpr uint32_t ltEpilogueBias = 4;

// Attributes of layouts.
inline constexpr int ltBatchCount = 5, ltBatchStride = 6;

// Attributes of preferences; cublasLtReductionScheme_t. The alignments are
// those of the four matrices.
inline constexpr int ltWorkspaceBytes = 1, ltReductionMask = 3,
                     ltAlignments[] = {5, 6, 7, 8};
inline constexpr uint32_t ltReduceInF32 = 2;

class CublasLt {
public:
  CublasLt() = default;
  CublasLt(const CublasLt &) = delete;
  CublasLt &operator=(const CublasLt &) = delete;
  ~CublasLt() { close(); }

  /// Whether the shared library `path` is there, which this loads.
  bool load(const std::string &path);

  /// Finds the functions of what `load` has loaded and starts the library. The
  /// context must be current. Fails with HEED_NO_SUCH_DEVICE.
  Status start();

  /// Ends the library, if it was started. The context must be current.
  void close();

  LtHandle handle() const { return handle_; }
  /// "cuBLASLt (libcublasLt.so.12, version 120405)".
  std::string describe() const;

  /// Makes a failed call of `function` an error with `code`.
  Status check(LtResult result, const char *function,
               heed_status code = HEED_DEVICE_FAILED) const;

#define HEED_CUBLASLT(result, name, parameters)                                \
  result(*name) parameters = nullptr;
#include "runtime/cuda/CublasLtSymbols.def"
#undef HEED_CUBLASLT

private:
  Status resolve();

  std::string path_;
  void *library_ = nullptr;
  LtHandle handle_ = nullptr;
};

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUBLASLT_H
