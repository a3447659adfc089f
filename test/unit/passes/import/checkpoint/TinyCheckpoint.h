//===- TinyCheckpoint.h - Checkpoints for tests -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_IMPORT_CHECKPOINT_TINYCHECKPOINT_H
#define HEED_TEST_UNIT_PASSES_IMPORT_CHECKPOINT_TINYCHECKPOINT_H

#include "passes/import/checkpoint/ModelTensors.h"

#include "heed/Support/OutputFile.h"
#include "heed/Weights/SafetensorsWriter.h"

#include "llvm/Support/FileSystem.h"
#include "gtest/gtest.h"

namespace heed {

/// A Llama of two layers in a folder of its own, removed at the end. A test
/// changes members and tensors, or the files after write().
struct TinyCheckpoint {
  std::string folder;
  std::string config = R"({"model_type": "llama", "vocab_size": 8,
    "hidden_size": 4, "intermediate_size": 6, "num_hidden_layers": 2,
    "num_attention_heads": 2, "num_key_value_heads": 1,
    "torch_dtype": "float32"})";
  std::vector<TensorSpec> tensors;

  TinyCheckpoint() {
    llvm::SmallString<128> path;
    if (llvm::sys::fs::createUniqueDirectory("heed-tiny", path))
      ADD_FAILURE() << "cannot create a folder";
    folder = path.str().str();
    llvm::Expected<ModelConfig> model = readConfig();
    if (!model)
      llvm::report_fatal_error(model.takeError());
    for (const ModelWeight &weight : listWeights(*model))
      tensors.push_back({weight.key, DType::F32, weight.shape});
  }
  ~TinyCheckpoint() { llvm::sys::fs::remove_directories(folder); }

  std::string file(const std::string &name) const {
    return folder + "/" + name;
  }
  std::string weights() const { return file("model.safetensors"); }

  llvm::Expected<ModelConfig> readConfig() const {
    return readModelConfig(
        llvm::cantFail(JsonDocument::parse(config, "config.json")).root());
  }

  TensorSpec &tensor(llvm::StringRef name) {
    for (TensorSpec &spec : tensors)
      if (spec.name == name)
        return spec;
    llvm::report_fatal_error("no such tensor");
  }
  void erase(llvm::StringRef prefix) {
    llvm::erase_if(tensors, [&](const TensorSpec &spec) {
      return llvm::StringRef(spec.name).starts_with(prefix);
    });
  }

  void put(const std::string &name, llvm::StringRef content) const {
    llvm::cantFail(writeFile(file(name), content));
  }

  /// Writes config.json and model.safetensors, whose data is all zero.
  void write() const {
    put("config.json", config);
    std::vector<uint8_t> zeros(1 << 16);
    std::vector<llvm::ArrayRef<uint8_t>> data;
    for (const TensorSpec &spec : tensors)
      data.push_back(llvm::ArrayRef(zeros).take_front(
          *countBytes(spec.dtype, spec.shape)));
    llvm::cantFail(writeSafetensors(weights(), tensors, {}, data));
  }

  /// Reads everything as the importer does; returns the error, folder names
  /// removed, or "".
  std::string fault(ImportType type = ImportType::Keep) const {
    llvm::Error error = read(type);
    std::string text = llvm::toString(std::move(error));
    for (size_t at; (at = text.find(folder + "/")) != std::string::npos;)
      text.erase(at, folder.size() + 1);
    for (size_t at; (at = text.find(folder)) != std::string::npos;)
      text.replace(at, folder.size(), "FOLDER");
    return text;
  }

  llvm::Error read(ImportType type) const {
    llvm::Expected<ModelConfig> model = openModelConfig(folder);
    if (!model)
      return model.takeError();
    llvm::Expected<Checkpoint> checkpoint = Checkpoint::open(folder);
    if (!checkpoint)
      return checkpoint.takeError();
    auto weights = matchTensors(*model, *checkpoint);
    if (!weights)
      return weights.takeError();
    return chooseType(*model, *weights, type).takeError();
  }
};

} // namespace heed

#endif // HEED_TEST_UNIT_PASSES_IMPORT_CHECKPOINT_TINYCHECKPOINT_H
