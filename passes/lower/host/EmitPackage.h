//===- EmitPackage.h - From lowered groups to a package ---------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The last step of compiling: phase functions become entries, their calls
/// launches, their values buffers with sizes and lifetimes.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_HOST_EMITPACKAGE_H
#define HEED_PASSES_LOWER_HOST_EMITPACKAGE_H

#include "passes/lower/kernel/KernelImage.h"

#include "mlir/IR/BuiltinOps.h"

#include <string>
#include <vector>

namespace heed {

struct PackageOptions {
  std::string target;        ///< As the package names it: "x86-64-v3".
  std::string moduleFolder;  ///< What the module's paths are relative to.
  std::string packageFolder; ///< What the package's are; empty: absolute.
};

/// Writes the package of `module`, which `heed-lower-to-tile` has lowered and
/// whose kernels `image` holds. Errors are emitted at the op they concern.
llvm::FailureOr<std::vector<char>> emitPackage(mlir::ModuleOp module,
                                               const KernelImage &image,
                                               const PackageOptions &options);

} // namespace heed

#endif // HEED_PASSES_LOWER_HOST_EMITPACKAGE_H
