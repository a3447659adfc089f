//===- KernelImage.h - Compiled kernels -------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_KERNELIMAGE_H
#define HEED_PASSES_LOWER_KERNEL_KERNELIMAGE_H

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

/// A tensor map that a launch makes for its kernel, see `heed_package_map`.
struct TensorMapSlot {
  uint32_t buffer;  ///< Number of the launch word with the address.
  uint32_t rows;    ///< Number of the launch word with the rows of a panel.
  uint32_t columns; ///< A multiple of 64, at most 256.
  uint32_t boxRows; ///< 1 to 256.
};

/// One kernel in an image.
struct CompiledKernel {
  std::string name;   ///< of the `tile.kernel`
  std::string symbol; ///< exported by the image
  /// What one program needs: memory of a thread's own on a CPU, shared memory
  /// on a GPU.
  int64_t scratchBytes = 0;
  int64_t threads = 1; ///< that run one program
  /// Behind the words of a launch, in order; for sm_90a only.
  std::vector<TensorMapSlot> maps;
  /// Its programs are handed out by the kernel itself; the grid is launched
  /// with at most as many blocks as the GPU has multiprocessors; for sm_90a.
  bool isPersistent = false;
};

/// Code for one target, as packages hold it (heed-c/Package.h), and what it
/// exports, in the order of the module.
struct KernelImage {
  std::vector<char> code;
  std::vector<CompiledKernel> kernels;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_KERNELIMAGE_H
