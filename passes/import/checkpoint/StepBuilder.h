//===- StepBuilder.h - A model as a graph -----------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Builds the module of a decoder: its weights as symbols and `@step`, which
/// brings new tokens onto the caches and yields the logits of chosen rows.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_IMPORT_CHECKPOINT_STEPBUILDER_H
#define HEED_PASSES_IMPORT_CHECKPOINT_STEPBUILDER_H

#include "passes/import/checkpoint/ModelTensors.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace heed {

/// What is known of a model once its checkpoint is read.
struct ModelDescription {
  const ModelConfig &config;
  llvm::ArrayRef<ModelWeight> weights;
  DType type;           ///< Of weights and activations.
  llvm::StringRef name; ///< As people call it.
  /// How text becomes ids: a file as the module spells it, "bytes", or "".
  llvm::StringRef tokenizer;
  /// Turns the path of a weight file into the one to write.
  llvm::function_ref<std::string(llvm::StringRef)> relocate;
};

/// Builds the module. The dialects attn, arith and func must be loaded.
mlir::OwningOpRef<mlir::ModuleOp> buildModule(mlir::MLIRContext &context,
                                              const ModelDescription &model);

} // namespace heed

#endif // HEED_PASSES_IMPORT_CHECKPOINT_STEPBUILDER_H
