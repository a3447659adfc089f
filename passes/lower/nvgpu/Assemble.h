//===- Assemble.h - From PTX to machine code --------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs the assembler of the CUDA toolkit, where there is one, and reads what
/// it reports.
///
/// Not for use outside passes/lower/nvgpu.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_NVGPU_ASSEMBLE_H
#define HEED_PASSES_LOWER_NVGPU_ASSEMBLE_H

#include "passes/lower/nvgpu/CompileKernels.h"

namespace heed::nvgpu {

/// Returns the path of `ptxas` in the toolkit `cudaPath`, which must have it;
/// if that is empty, in /usr/local/cuda or the PATH, or an empty string.
llvm::Expected<std::string> findAssembler(llvm::StringRef cudaPath);

/// Assembles the PTX of `image`: fills its cubin and its reports.
llvm::Error assemble(llvm::StringRef assembler, llvm::StringRef arch,
                     GpuImage &image);

/// Reads `report`, the assembler's, into those of the kernels that it names.
void readReport(llvm::StringRef report, GpuImage &image);

} // namespace heed::nvgpu

#endif // HEED_PASSES_LOWER_NVGPU_ASSEMBLE_H
