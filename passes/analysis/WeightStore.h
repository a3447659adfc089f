//===- WeightStore.h - Values of the weights of a module --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Computes the weights of a module: from their safetensors files, or by
/// evaluating their initialisers. Each is computed once, when first asked for.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_ANALYSIS_WEIGHTSTORE_H
#define HEED_PASSES_ANALYSIS_WEIGHTSTORE_H

#include "dialects/attn/Attn.h"
#include "heed/Weights/Safetensors.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

#include <memory>
#include <string>

namespace heed {

/// Belongs to one thread. The module must outlive it and stay as it is.
class WeightStore {
public:
  /// Paths of files are relative to `folder`, the working directory if empty.
  WeightStore(mlir::ModuleOp module, llvm::StringRef folder);

  /// Returns the value of a weight, rounded to its element type. Emits an error
  /// at `user` if there is none of that name, at the weight if it cannot be
  /// computed.
  mlir::FailureOr<reference::TensorRef> get(mlir::Operation *user,
                                            llvm::StringRef name);

  /// Sets the value of a weight, in place of file or initialiser.
  void set(llvm::StringRef name, reference::TensorRef value);

private:
  mlir::FailureOr<reference::TensorRef> compute(attn::WeightOp weight);
  mlir::FailureOr<reference::Tensor> load(attn::WeightOp weight);
  llvm::Expected<const SafetensorsFile *> open(attn::FileOp file);
  llvm::Expected<reference::Tensor> read(attn::WeightOp weight,
                                         const SafetensorsFile &file);

  mlir::ModuleOp module;
  mlir::SymbolTable symbols;
  std::string folder;
  llvm::StringMap<std::unique_ptr<SafetensorsFile>> files;
  /// Null while a weight is being computed.
  llvm::StringMap<reference::TensorRef> values;
};

/// Returns the folder that relative paths in a module refer to: that of the
/// file it was parsed from, or nothing, for the working directory.
std::string getModuleFolder(mlir::ModuleOp module);

} // namespace heed

#endif // HEED_PASSES_ANALYSIS_WEIGHTSTORE_H
