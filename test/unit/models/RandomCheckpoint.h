//===- RandomCheckpoint.h - Checkpoints of any shape ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes checkpoints with random weights for tests of shapes that no golden
/// has.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_MODELS_RANDOMCHECKPOINT_H
#define HEED_TEST_UNIT_MODELS_RANDOMCHECKPOINT_H

#include "passes/import/checkpoint/Importer.h"

#include <functional>
#include <string>
#include <vector>

namespace heed {

/// A folder with config.json and bfloat16 weights, removed at the end.
class RandomCheckpoint {
public:
  /// Changes the random numbers of a weight.
  using Edit = std::function<void(const ModelWeight &, std::vector<double> &)>;

  /// `config` is the text of config.json.
  explicit RandomCheckpoint(const std::string &config, const Edit &edit = {});
  ~RandomCheckpoint();

  const std::string &getFolder() const { return folder; }

  /// Imports it with this element type.
  llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
  import(mlir::MLIRContext &context, ImportType type) const;

private:
  std::string folder;
};

} // namespace heed

#endif // HEED_TEST_UNIT_MODELS_RANDOMCHECKPOINT_H
