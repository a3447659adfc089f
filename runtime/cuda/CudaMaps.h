//===- CudaMaps.h - Tensor maps of a kernel ---------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Puts the parameters of a kernel with tensor maps together: the words of the
/// launch, then the maps that the driver makes of them (heed-c/Package.h). A
/// map is made again only when its words have changed.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_CUDA_CUDAMAPS_H
#define HEED_RUNTIME_CUDA_CUDAMAPS_H

#include "runtime/Package.h"
#include "runtime/Status.h"
#include "runtime/cuda/CudaContext.h"
#include "runtime/cuda/CudaModule.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace heed {

class CudaMaps {
public:
  /// Takes the maps of `kernel`, as a package has them. The context must be
  /// current, and outlive this. Fails with HEED_NO_SUCH_DEVICE if there are
  /// maps and the driver cannot make or measure any.
  Status open(const CudaContext &context, const CudaKernel &kernel,
              Table<heed_package_map> maps);

  /// Whether the kernel has no maps, so that its words are its parameters.
  bool isEmpty() const { return slots_.empty(); }

  /// Fails with HEED_BAD_PACKAGE unless the code takes what `encode` makes of
  /// `count` words: the driver copies as much as the code declares.
  Status check(uint64_t count) const;

  /// Makes the parameters of a launch with `count` words, which `check` has
  /// passed. The context must be current. Fails with HEED_DEVICE_FAILED.
  Status encode(const int64_t *words, int64_t count);

  /// The parameters, until `encode` is called again.
  void *data() { return params_.data(); }

private:
  /// One map, and the words that it was last made of.
  struct Slot {
    alignas(64) unsigned char bytes[HEED_MAP_BYTES] = {};
    heed_package_map map = {};
    bool isMade = false;
    int64_t buffer = 0, rows = 0;
  };

  Status findFunctions() const;
  Status make(Slot &slot, int64_t buffer, int64_t rows) const;
  size_t paramBytes(uint64_t count) const;

  const CudaContext *context_ = nullptr;
  std::string kernel_;
  size_t takenBytes_ = 0; ///< What the code declares.
  std::vector<Slot> slots_;
  std::vector<char> params_;
};

} // namespace heed

#endif // HEED_RUNTIME_CUDA_CUDAMAPS_H
