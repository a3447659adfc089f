//===- BackEnd.h - LLVM's back end in this process --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// From a module of LLVM's dialect to the bytes of an object, or to assembly.
///
/// Not for use outside passes/lower.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_KERNEL_BACKEND_H
#define HEED_PASSES_LOWER_KERNEL_BACKEND_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/Support/Error.h"

#include <string>

namespace llvm {
class Module;
class TargetMachine;
} // namespace llvm

namespace heed {

struct BackEnd {
  /// What code is made for. The target must be initialised in LLVM.
  std::string triple, processor, features;
  bool isText = false; ///< Assembly; else an object, free of its address.
  /// Makes kernels of functions, before the code is verified.
  llvm::function_ref<void(llvm::Module &)> prepare;
  /// If given, rewrites the verified code.
  llvm::function_ref<void(llvm::Module &, llvm::TargetMachine &)> optimize;
};

/// Translates `module` and runs the back end on it.
llvm::Expected<llvm::SmallVector<char, 0>> emitCode(mlir::ModuleOp module,
                                                    const BackEnd &backEnd);

} // namespace heed

#endif // HEED_PASSES_LOWER_KERNEL_BACKEND_H
