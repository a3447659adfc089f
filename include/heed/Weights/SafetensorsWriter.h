//===- SafetensorsWriter.h - Writing weight files --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes files in the safetensors format, whole or not at all.
///
/// The same tensors give the same bytes, in whatever order they are passed.
/// The data begins at a multiple of 64 bytes (the header is padded with
/// spaces). The format allows no holes between tensors, so those whose size is
/// a multiple of 64 come first, by name; all of them are aligned to 64 bytes.
/// The others follow, the larger elements first, then by name; they are
/// aligned to their elements.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_WEIGHTS_SAFETENSORSWRITER_H
#define HEED_WEIGHTS_SAFETENSORSWRITER_H

#include "heed/Weights/DType.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heed {

/// A tensor to write.
struct TensorSpec {
  std::string name;
  DType dtype = DType::F32;
  std::vector<int64_t> shape;
};

/// Strings to write under "__metadata__".
using SafetensorsMetadata = std::vector<std::pair<std::string, std::string>>;

/// Writes `tensors` to `path` and returns the hash of the header
/// (SafetensorsHeader::hash). `fill` is called once for each tensor, in the
/// order of the file, with its number in `tensors`, and writes exactly its
/// bytes; so no more than one need be in memory. An error of `fill` is passed
/// on. Fails for duplicate names, impossible shapes and wrong numbers of bytes.
llvm::Expected<uint64_t> writeSafetensors(
    llvm::StringRef path, llvm::ArrayRef<TensorSpec> tensors,
    const SafetensorsMetadata &metadata,
    llvm::function_ref<llvm::Error(size_t, llvm::raw_ostream &)> fill);

/// The same for data in memory: `data[i]` holds the bytes of `tensors[i]`.
llvm::Expected<uint64_t>
writeSafetensors(llvm::StringRef path, llvm::ArrayRef<TensorSpec> tensors,
                 const SafetensorsMetadata &metadata,
                 llvm::ArrayRef<llvm::ArrayRef<uint8_t>> data);

} // namespace heed

#endif // HEED_WEIGHTS_SAFETENSORSWRITER_H
