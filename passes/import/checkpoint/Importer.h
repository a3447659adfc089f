//===- Importer.h - From a checkpoint to a module ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Imports the checkpoint of a decoder: a folder with config.json and one or
/// more safetensors files.
///
/// Weights are referred to, never copied: the cost is that of the headers,
/// whatever the size of the model. Errors are one line each and name file and
/// key, what was found and what was wanted.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_IMPORT_CHECKPOINT_IMPORTER_H
#define HEED_PASSES_IMPORT_CHECKPOINT_IMPORTER_H

#include "passes/import/checkpoint/ModelTensors.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/IR/OwningOpRef.h"

namespace heed {

struct ImportOptions {
  /// The element type of weights and activations.
  ImportType type = ImportType::Keep;
  /// The folder in which the module will be stored: paths of files are written
  /// relative to it.
  std::string base = ".";
};

/// Imports the checkpoint in `directory`, loading the dialects into `context`.
/// The module is verified.
llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
importCheckpoint(mlir::MLIRContext &context, llvm::StringRef directory,
                 const ImportOptions &options = {});

} // namespace heed

#endif // HEED_PASSES_IMPORT_CHECKPOINT_IMPORTER_H
