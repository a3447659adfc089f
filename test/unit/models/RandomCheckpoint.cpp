//===- RandomCheckpoint.cpp - Checkpoints of any shape --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/RandomCheckpoint.h"

#include "heed/Support/HalfFloat.h"
#include "heed/Support/OutputFile.h"
#include "heed/Weights/SafetensorsWriter.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"

#include <cmath>
#include <random>

namespace heed {

/// Returns random numbers of a weight: vectors around 1 (a norm) or 0 (a bias),
/// matrices such that products keep the size of their input.
static std::vector<double> randomNumbers(const ModelWeight &weight,
                                         std::mt19937 &generator) {
  int64_t count = 1;
  for (int64_t size : weight.shape)
    count *= size;
  bool isNorm = weight.key.find("norm") != std::string::npos;
  bool isMatrix = weight.shape.size() == 2 && weight.symbol != "embed";
  double spread = isMatrix ? 2 / std::sqrt(double(weight.shape[1])) : 0.5;
  std::vector<double> numbers;
  for (int64_t i = 0; i < count; ++i) {
    // Sums of uniform numbers: the same on every platform.
    double sum = 0;
    for (int k = 0; k < 12; ++k)
      sum += generator() / 4294967296.0 - 0.5;
    numbers.push_back((isNorm ? 1 : 0) + spread * sum);
  }
  return numbers;
}

static std::vector<uint8_t> toBytes(const std::vector<double> &numbers) {
  std::vector<uint8_t> bytes;
  for (double number : numbers) {
    uint16_t bits = doubleToBf16(number);
    bytes.push_back(bits & 0xff);
    bytes.push_back(bits >> 8);
  }
  return bytes;
}

RandomCheckpoint::RandomCheckpoint(const std::string &config,
                                   const Edit &edit) {
  llvm::SmallString<128> path;
  if (llvm::sys::fs::createUniqueDirectory("heed-random", path))
    llvm::report_fatal_error("cannot create a folder");
  folder = path.str().str();
  llvm::cantFail(writeFile(folder + "/config.json", config));
  ModelConfig model = llvm::cantFail(openModelConfig(folder));
  std::mt19937 generator(17);
  std::vector<TensorSpec> specs;
  std::vector<std::vector<uint8_t>> bytes;
  for (const ModelWeight &weight : listWeights(model)) {
    specs.push_back({weight.key, DType::BF16, weight.shape});
    std::vector<double> numbers = randomNumbers(weight, generator);
    if (edit)
      edit(weight, numbers);
    bytes.push_back(toBytes(numbers));
  }
  std::vector<llvm::ArrayRef<uint8_t>> data(bytes.begin(), bytes.end());
  llvm::cantFail(
      writeSafetensors(folder + "/model.safetensors", specs, {}, data));
}

RandomCheckpoint::~RandomCheckpoint() {
  llvm::sys::fs::remove_directories(folder);
}

llvm::Expected<mlir::OwningOpRef<mlir::ModuleOp>>
RandomCheckpoint::import(mlir::MLIRContext &context, ImportType type) const {
  ImportOptions options;
  options.type = type;
  options.base = folder;
  return importCheckpoint(context, folder, options);
}

} // namespace heed
