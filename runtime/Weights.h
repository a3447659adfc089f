//===- Weights.h - The weights of a model, in place -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Maps the safetensors files that a package names and says where each weight
/// lies on the device. A file that is missing, or whose header is not the one
/// that was compiled against, is refused; values are not looked at.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_WEIGHTS_H
#define HEED_RUNTIME_WEIGHTS_H

#include "runtime/Device.h"
#include "runtime/Memory.h"
#include "runtime/Package.h"

#include <cstdint>
#include <string>
#include <vector>

namespace heed {

class Weights {
public:
  /// Maps the files of `package`, relative paths from `folder`. Fails with
  /// HEED_BAD_WEIGHTS. The package must outlive this, this must outlive
  /// `device`.
  Status open(const Package &package, const std::string &folder);

  /// Makes all weights readable by `device`.
  Status place(const Package &package, Device &device);

  /// Returns the device's address of weight `index`.
  int64_t address(uint32_t index) const { return addresses_[index]; }

private:
  std::vector<MappedFile> files_;
  std::vector<int64_t> addresses_;
};

} // namespace heed

#endif // HEED_RUNTIME_WEIGHTS_H
