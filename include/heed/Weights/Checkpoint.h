//===- Checkpoint.h - The weights of one model -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds the tensors of a checkpoint: a folder with either
/// `model.safetensors` or `model.safetensors.index.json` and the files
/// ("shards") that it names. The first is preferred where both are there.
///
///     llvm::Expected<Checkpoint> weights = Checkpoint::open(folder);
///     ...
///     llvm::Expected<TensorLocation> norm =
///     weights->find("model.norm.weight");
///     // norm->file->path(), norm->tensor->offset, norm->data()
///
/// Opening reads and checks the header of every file and no tensor. The index
/// decides: a tensor that a shard holds but the index does not name is not
/// part of the model; one that the index names must be in its shard. A shard
/// is a plain file name in the same folder; a path is refused.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_WEIGHTS_CHECKPOINT_H
#define HEED_WEIGHTS_CHECKPOINT_H

#include "heed/Weights/Safetensors.h"

#include <memory>

namespace heed {

/// One tensor of a checkpoint; valid as long as the checkpoint.
struct TensorLocation {
  const SafetensorsFile *file = nullptr;
  const TensorEntry *tensor = nullptr;

  /// See SafetensorsFile::data().
  llvm::Expected<llvm::ArrayRef<uint8_t>> data() const {
    return file->data(*tensor);
  }
};

/// One line of an index.
struct ShardEntry {
  std::string tensor;
  std::string shard;
};

/// Parses the text of an index; `name` stands in messages. The entries are
/// sorted by tensor.
llvm::Expected<std::vector<ShardEntry>>
parseSafetensorsIndex(std::string text, llvm::StringRef name);

/// An open checkpoint. Movable; threads may share it.
class Checkpoint {
public:
  static llvm::Expected<Checkpoint> open(llvm::StringRef folder);

  /// Looks up a tensor; its absence is an error that names it.
  llvm::Expected<TensorLocation> find(llvm::StringRef name) const;
  /// Says whether there is such a tensor.
  bool contains(llvm::StringRef name) const;

  /// All tensors, sorted by name.
  llvm::ArrayRef<TensorLocation> tensors() const { return locations; }
  /// The files, in the order of their names.
  llvm::ArrayRef<std::unique_ptr<SafetensorsFile>> files() const {
    return shards;
  }
  llvm::StringRef path() const { return folder; }

private:
  llvm::Error openSingle(llvm::StringRef path);
  llvm::Error openShards(llvm::StringRef indexPath);
  const TensorLocation *lookUp(llvm::StringRef name) const;

  std::string folder;
  std::vector<std::unique_ptr<SafetensorsFile>> shards;
  std::vector<TensorLocation> locations;
};

} // namespace heed

#endif // HEED_WEIGHTS_CHECKPOINT_H
