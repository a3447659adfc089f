//===- ModelTensors.h - Which tensor is which weight ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Matches the tensors of a checkpoint with the weights that a configuration
/// asks for. Every weight must be there with the right shape and a type that
/// can be converted, and there may be no tensor besides, except for those that
/// are known to be derived from the configuration.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_IMPORT_CHECKPOINT_MODELTENSORS_H
#define HEED_PASSES_IMPORT_CHECKPOINT_MODELTENSORS_H

#include "passes/import/checkpoint/ModelConfig.h"

#include "heed/Weights/Checkpoint.h"

namespace heed {

/// A weight of a model and the tensor that it comes from.
struct ModelWeight {
  std::string symbol; ///< Its name in the module: "l0.wq".
  std::string key;    ///< Its name in the checkpoint.
  std::vector<int64_t> shape;
  /// The fields that the shape comes from, for messages.
  llvm::StringRef fields;
  /// Set by matchTensors().
  TensorLocation source;
};

/// The element type that the weights shall have in the module.
enum class ImportType { Keep, F32, BF16 };

/// Lists the weights that `model` has, embedding first.
std::vector<ModelWeight> listWeights(const ModelConfig &model);

/// Lists the weights with their tensors, which live as long as `checkpoint`.
llvm::Expected<std::vector<ModelWeight>>
matchTensors(const ModelConfig &model, const Checkpoint &checkpoint);

/// Chooses the element type of weights and activations. Keep is an error if
/// the tensors have several types, or another one than the configuration says.
llvm::Expected<DType> chooseType(const ModelConfig &model,
                                 llvm::ArrayRef<ModelWeight> weights,
                                 ImportType wanted);

} // namespace heed

#endif // HEED_PASSES_IMPORT_CHECKPOINT_MODELTENSORS_H
