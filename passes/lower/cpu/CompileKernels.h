//===- CompileKernels.h - From kernels to a shared object -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the package of a CPU program holds: one ELF image without dependencies
/// with a function for each kernel,
///
///     void NAME(const int64_t *params, int64_t program, void *scratch);
///
/// where `params` are the kernel's arguments as words (an address, a number),
/// `program` runs over the grid, and `scratch` is memory of the thread's own,
/// aligned to 64 bytes.
///
/// \code
///   llvm::Expected<heed::KernelImage> image = heed::compileKernels(module,
///   {}); if (!image)
///     return image.takeError();
/// \endcode
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_CPU_COMPILEKERNELS_H
#define HEED_PASSES_LOWER_CPU_COMPILEKERNELS_H

#include "passes/lower/kernel/KernelImage.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace heed {

/// The processors that code is made for.
struct CpuTarget {
  /// LLVM's name: `x86-64-v3` (AVX2 and FMA) or `x86-64-v4` (AVX-512).
  std::string cpu = "x86-64-v3";
};

/// Compiles the `tile.kernel` ops at the top of `module`, which stays as it is;
/// other ops there are passed over. Loads the dialects that the lowering needs
/// into the module's context, so no pass may be running on that.
///
/// Fails if a kernel holds an op without lowering (the message prints it), for
/// an unknown processor, or if a temporary file cannot be written.
llvm::Expected<KernelImage> compileKernels(mlir::ModuleOp module,
                                           const CpuTarget &target);

} // namespace heed

#endif // HEED_PASSES_LOWER_CPU_COMPILEKERNELS_H
