//===- Safetensors.h - Weight files ----------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads files in the safetensors format: eight bytes with the length of the
/// header (little-endian), the header as a JSON object, the tensors.
///
///     llvm::Expected<SafetensorsFile> file = SafetensorsFile::open(path);
///     ...
///     const TensorEntry *wk = file->header().find("model.layers.0.wk");
///     llvm::Expected<llvm::ArrayRef<uint8_t>> bytes = file->data(*wk);
///
/// Opening reads the header and no tensor, whatever the size of the file.
/// Everything in a header is checked before it is believed; each fault is one
/// line with file, key, found and wanted. As the format demands, the tensors
/// fill the rest of the file without hole or overlap. Types that are quantised
/// or otherwise not in DType are refused by name.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_WEIGHTS_SAFETENSORS_H
#define HEED_WEIGHTS_SAFETENSORS_H

#include "heed/Support/InputFile.h"
#include "heed/Weights/DType.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heed {

/// Where a tensor lies and what it is.
struct TensorEntry {
  std::string name;
  DType dtype = DType::F32;
  /// Empty for a scalar; a size may be 0.
  std::vector<int64_t> shape;
  /// Its first byte, counted from the beginning of the *file*.
  uint64_t offset = 0;
  /// The product of the shape times the bytes of an element.
  uint64_t bytes = 0;

  int64_t elements() const {
    return static_cast<int64_t>(bytes / dtypeBytes(dtype));
  }
};

/// Returns the bytes of a tensor, or nothing if they exceed 2^63 - 1 or a size
/// is negative.
std::optional<uint64_t> countBytes(DType dtype, llvm::ArrayRef<int64_t> shape);

/// Prints a shape for messages: "[2, 3]".
std::string printShape(llvm::ArrayRef<int64_t> shape);

/// The checked header of a file.
class SafetensorsHeader {
public:
  /// Parses the header of a file of `fileBytes` bytes of which `prefix` holds
  /// the beginning, at least all of the header. `name` stands in messages.
  static llvm::Expected<SafetensorsHeader>
  parse(llvm::StringRef prefix, uint64_t fileBytes, llvm::StringRef name);

  /// Checks the length in the first bytes of a file and returns the bytes up
  /// to the first tensor: eight and the header.
  static llvm::Expected<uint64_t> countHeaderBytes(llvm::StringRef prefix,
                                                   uint64_t fileBytes,
                                                   llvm::StringRef name);

  /// All tensors, sorted by name.
  llvm::ArrayRef<TensorEntry> tensors() const { return entries; }
  /// Looks up a tensor; null if there is none of that name.
  const TensorEntry *find(llvm::StringRef name) const;

  /// The strings under "__metadata__", sorted by key.
  llvm::ArrayRef<std::pair<std::string, std::string>> metadata() const {
    return strings;
  }

  /// The hash by which a changed file is noticed: `heed_hash`
  /// (heed-c/Hash.h) over the eight bytes of the length and the header.
  uint64_t hash() const { return headerHash; }

private:
  std::vector<TensorEntry> entries;
  std::vector<std::pair<std::string, std::string>> strings;
  uint64_t headerHash = 0;
};

/// An open file. Movable; threads may share it. Pointers to entries and data
/// stay valid when it is moved.
class SafetensorsFile {
public:
  /// Opens a file and checks its header.
  static llvm::Expected<SafetensorsFile> open(llvm::StringRef path);

  /// Opens a file that must still have the header of this hash, or fails with
  /// a message that it has changed.
  static llvm::Expected<SafetensorsFile> openUnchanged(llvm::StringRef path,
                                                       uint64_t hash);

  llvm::StringRef path() const { return file.path(); }
  const SafetensorsHeader &header() const { return contents; }

  /// Maps the file at the first call and returns the bytes of a tensor, valid
  /// as long as this object. They may lie at any address; see loadElements().
  /// REQUIRES: `tensor` is of this file's header.
  llvm::Expected<llvm::ArrayRef<uint8_t>> data(const TensorEntry &tensor) const;

private:
  SafetensorsFile(InputFile file, SafetensorsHeader contents)
      : file(std::move(file)), contents(std::move(contents)) {}

  InputFile file;
  SafetensorsHeader contents;
};

} // namespace heed

#endif // HEED_WEIGHTS_SAFETENSORS_H
