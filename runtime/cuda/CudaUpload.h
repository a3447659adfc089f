//===- CudaUpload.h - Large copies to a GPU ---------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Copies memory of this process, a mapped file as a rule, to a GPU through two
/// pieces of pinned memory: one is filled while the other is on its way.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDAUPLOAD_H
#define HEED_RUNTIME_CUDA_CUDAUPLOAD_H

#include "runtime/Status.h"
#include "runtime/cuda/CudaContext.h"

#include <cstdint>

namespace heed {

class CudaUpload {
public:
  static constexpr int64_t pieceBytes = int64_t(16) << 20;

  CudaUpload() = default;
  CudaUpload(const CudaUpload &) = delete;
  CudaUpload &operator=(const CudaUpload &) = delete;
  ~CudaUpload() { release(); }

  /// Copies `bytes` from `from`, which may end with the call, to `to` in the
  /// order of `stream`. The context must be current, and outlive this.
  Status copy(const CudaContext &context, CuStream stream, CuAddress to,
              const void *from, int64_t bytes);

  /// Gives the pinned memory back; `stream` must have been waited for.
  void release();

private:
  struct Piece {
    void *memory = nullptr;
    CuEvent copied = nullptr; ///< When the memory may be filled again.
  };

  Status prepare(Piece &piece);

  const CudaContext *context_ = nullptr;
  Piece pieces_[2];
  int next_ = 0;
};

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDAUPLOAD_H
