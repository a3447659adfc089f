//===- EmulatedModel.h - A package on an emulated GPU -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A model and one cache of it on the CUDA device, whose driver is the fake one
/// and whose kernels run in the PTX emulator. Large products run in the fake
/// cuBLASLt, unless there shall be none. The driver is one for the process, so
/// is the model.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_MODELS_EMULATEDMODEL_H
#define HEED_TEST_UNIT_MODELS_EMULATEDMODEL_H

#include "heed-c/Runtime.h"

#include <memory>
#include <string>

namespace heed {

class EmulatedModel {
public:
  explicit EmulatedModel(bool hasLibrary = true);
  ~EmulatedModel();

  // All return an empty string, or what went wrong.
  std::string open(const void *package, size_t size, int64_t slots,
                   int64_t capacity);
  std::string prefill(const heed_step &step);
  std::string decode(const heed_step &step);
  std::string reset();
  std::string trim(int64_t slot, int64_t tokens);
  std::string fork(int64_t from, int64_t to);

  int64_t vocabulary() const;
  int64_t cacheBytes() const;
  /// How many products the library has computed since this was made.
  int64_t countProducts() const;

private:
  struct Parts;
  std::unique_ptr<Parts> parts;
};

} // namespace heed

#endif // HEED_TEST_UNIT_MODELS_EMULATEDMODEL_H
