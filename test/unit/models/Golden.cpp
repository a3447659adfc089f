//===- Golden.cpp - What the original computes ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Golden.h"

#include "heed/Support/Error.h"
#include "heed/Weights/Safetensors.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <algorithm>
#include <cmath>

namespace heed {

static const llvm::StringRef kFolder = HEED_TEST_MODELS "/golden";
static const llvm::StringRef kFile = "goldens.safetensors";

std::vector<std::string> listGoldens() {
  std::vector<std::string> names;
  std::error_code code;
  for (llvm::sys::fs::directory_iterator at(kFolder, code), end;
       at != end && !code; at.increment(code))
    if (llvm::sys::fs::exists(at->path() + "/" + kFile))
      names.push_back(llvm::sys::path::filename(at->path()).str());
  std::sort(names.begin(), names.end());
  return names;
}

/// Reads a tensor of any type.
static llvm::Error read(const SafetensorsFile &file, llvm::StringRef name,
                        std::vector<double> &result) {
  const TensorEntry *tensor = file.header().find(name);
  if (!tensor)
    return makeError(file.path() + ": found no tensor " + quote(name));
  llvm::Expected<llvm::ArrayRef<uint8_t>> bytes = file.data(*tensor);
  if (!bytes)
    return bytes.takeError();
  result.resize(tensor->elements());
  loadElements(tensor->dtype, *bytes, llvm::MutableArrayRef<double>(result));
  return llvm::Error::success();
}

llvm::Expected<Golden> readGolden(llvm::StringRef name) {
  Golden golden;
  golden.name = name.str();
  golden.folder = (kFolder + "/" + name).str();
  llvm::Expected<SafetensorsFile> file =
      SafetensorsFile::open(golden.folder + "/" + kFile.str());
  if (!file)
    return file.takeError();
  golden.isHalf = file->header().find("logits_bf16") != nullptr;
  std::vector<double> ids, prompt;
  if (llvm::Error error = read(*file, "ids", ids))
    return std::move(error);
  if (llvm::Error error = read(*file, "prompt_length", prompt))
    return std::move(error);
  if (llvm::Error error = read(
          *file, golden.isHalf ? "logits_f32" : "logits_f64", golden.exact))
    return std::move(error);
  if (llvm::Error error = read(
          *file, golden.isHalf ? "logits_bf16" : "logits_f32", golden.original))
    return std::move(error);
  golden.ids.assign(ids.begin(), ids.end());
  golden.prompt = int64_t(prompt.front());
  return golden;
}

Distance measure(llvm::ArrayRef<double> found, llvm::ArrayRef<double> wanted) {
  Distance distance;
  double difference = 0, size = 0;
  for (size_t i = 0; i < wanted.size(); ++i) {
    double delta = std::abs(found[i] - wanted[i]);
    // A NaN must not look like no difference.
    if (!(delta <= distance.maximum))
      distance.maximum = delta;
    difference += delta * delta;
    size += wanted[i] * wanted[i];
  }
  distance.relative = std::sqrt(difference / size);
  return distance;
}

int32_t chooseGreedily(llvm::ArrayRef<double> logits) {
  return int32_t(std::max_element(logits.begin(), logits.end()) -
                 logits.begin());
}

} // namespace heed
