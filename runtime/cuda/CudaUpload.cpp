//===- CudaUpload.cpp - Large copies to a GPU -----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/cuda/CudaUpload.h"

#include <algorithm>
#include <cstring>

namespace heed {

/// Makes sure that `piece` is there and may be filled.
Status CudaUpload::prepare(Piece &piece) {
  const CudaDriver &driver = context_->driver();
  if (piece.copied)
    return context_->check(driver.cuEventSynchronize(piece.copied),
                           "cuEventSynchronize");
  CuResult result = driver.cuMemHostAlloc(&piece.memory, pieceBytes, 0);
  if (result != cuSuccess) {
    piece.memory = nullptr;
    return makeError(
        HEED_OUT_OF_MEMORY, "%s: %lld bytes of pinned memory wanted: %s",
        context_->name().c_str(), static_cast<long long>(pieceBytes),
        driver.describe(result).c_str());
  }
  result = driver.cuEventCreate(&piece.copied, cuEventNoTiming);
  if (result != cuSuccess)
    piece.copied = nullptr;
  return context_->check(result, "cuEventCreate");
}

Status CudaUpload::copy(const CudaContext &context, CuStream stream,
                        CuAddress to, const void *from, int64_t bytes) {
  context_ = &context;
  const CudaDriver &driver = context.driver();
  for (int64_t done = 0; done < bytes; done += pieceBytes) {
    Piece &piece = pieces_[next_];
    next_ = 1 - next_;
    if (Status error = prepare(piece))
      return error;
    int64_t size = std::min(pieceBytes, bytes - done);
    std::memcpy(piece.memory, static_cast<const char *>(from) + done, size);
    if (Status error = context.check(
            driver.cuMemcpyHtoDAsync_v2(to + done, piece.memory, size, stream),
            "cuMemcpyHtoDAsync"))
      return error;
    if (Status error = context.check(driver.cuEventRecord(piece.copied, stream),
                                     "cuEventRecord"))
      return error;
  }
  return Status();
}

void CudaUpload::release() {
  for (Piece &piece : pieces_) {
    if (piece.copied)
      context_->driver().cuEventDestroy_v2(piece.copied);
    if (piece.memory)
      context_->driver().cuMemFreeHost(piece.memory);
    piece = Piece();
  }
}

} // namespace heed
