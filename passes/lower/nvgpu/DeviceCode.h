//===- DeviceCode.h - From LLVM's dialect to PTX ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The back end of LLVM, called in this process.
///
/// Not for use outside passes/lower/nvgpu.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_DEVICECODE_H
#define HEED_PASSES_LOWER_NVGPU_DEVICECODE_H

#include "passes/lower/nvgpu/CompileKernels.h"

namespace heed::nvgpu {

/// A function that becomes a kernel.
struct EntryPoint {
  std::string symbol;
  int64_t words = 0;
  int64_t threads = 0;
  size_t maps = 0; ///< Tensor maps behind the words.
};

/// Translates `module`, of LLVM's dialect, and makes its functions `entries`
/// kernels, whose one argument becomes a block of launch words. Returns text.
llvm::Expected<std::string> emitPtx(mlir::ModuleOp module,
                                    llvm::ArrayRef<EntryPoint> entries,
                                    llvm::StringRef arch);

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_DEVICECODE_H
