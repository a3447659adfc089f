//===- CompileKernels.h - From kernels to code for a GPU --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the package of a GPU program holds: PTX, or what `ptxas` makes of it,
/// with an entry for each kernel,
///
///     .entry NAME(.param .align 8 .b8 words[8 * count])
///
/// (a kernel with tensor maps: `.align 64`, the maps behind, see Package.h),
/// where `words` are the kernel's arguments (an address, a number), %ctaid.x is
/// the program's number, and a block has the kernel's `threads` and its
/// `scratchBytes` of dynamic shared memory. Addresses are multiples of 16.
///
/// \code
///   llvm::Expected<heed::GpuImage> image =
///       heed::compileKernels(module, heed::GpuTarget{"sm_90a"});
///   if (!image)
///     return image.takeError();
/// \endcode
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_COMPILEKERNELS_H
#define HEED_PASSES_LOWER_NVGPU_COMPILEKERNELS_H

#include "passes/lower/kernel/KernelImage.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>
#include <vector>

namespace heed {

struct GpuTarget {
  /// "sm_80", whose PTX runs on every later GPU, or "sm_90a".
  std::string arch = "sm_80";
  /// Whether to assemble, with the `ptxas` of the toolkit in this folder; if it
  /// is empty, that of /usr/local/cuda or of the PATH, if there is one.
  bool assemble = true;
  std::string cudaPath;
  /// Whether to emit a remark for each kernel.
  bool remarks = false;
};

/// What is known of a kernel beyond what a package says.
struct GpuReport {
  /// The rows and columns of its largest product, or of its largest tile.
  int64_t rows = 0, columns = 0;
  /// Whether its products take longer than what they read, by what a GPU can do
  /// of both: see `hasManyProducts`.
  bool isBoundByProducts = false;
  int64_t stages = 0; ///< The most slots that a ring of it has.
  /// What of it was in the way of the template for Hopper, whose kernels have
  /// maps; empty if nothing was, or nobody asked.
  std::string whyPortable;
  // By the assembler; 0 where there was none.
  int64_t registers = 0;
  int64_t spillBytes = 0;
  /// What it warned of: products that wait for each other, registers that do
  /// not move between warps.
  std::vector<std::string> warnings;
};

struct GpuImage {
  std::string ptx;
  std::vector<char> cubin; ///< Empty if there was no assembler.
  std::vector<CompiledKernel> kernels;
  std::vector<GpuReport> reports; ///< In the order of the kernels.

  /// What packages hold: for `arch` sm_80 the PTX, which the driver makes code
  /// of for the GPU that there is; else the cubin, if there is one.
  KernelImage toPackage(const std::string &arch) const;
};

/// Compiles the `tile.kernel` ops at the top of `module`, which stays as it is;
/// other ops there are passed over. Loads the dialects that the lowering needs
/// into the module's context, so no pass may be running on that.
///
/// Fails if a kernel holds an op without lowering (the message prints it) or
/// needs too much shared memory, for an unknown architecture, for a `cudaPath`
/// without assembler, and if the assembler fails.
llvm::Expected<GpuImage> compileKernels(mlir::ModuleOp module,
                                        const GpuTarget &target);

} // namespace heed

#endif // HEED_PASSES_LOWER_NVGPU_COMPILEKERNELS_H
