//===- PackageBuilder.h - The bytes of a package ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Collects the tables of a package (heed-c/Package.h) and lays them out. It
/// knows the format and nothing of IR; users fill the public tables and call
/// `finish` once.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_HOST_PACKAGEBUILDER_H
#define HEED_PASSES_LOWER_HOST_PACKAGEBUILDER_H

#include "heed-c/Package.h"

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

#include <string>
#include <vector>

namespace heed {

class PackageBuilder {
public:
  std::vector<int32_t> stopIds;
  std::vector<heed_package_file> files;
  std::vector<heed_package_weight> weights;
  std::vector<heed_package_cache> caches;
  std::vector<heed_package_field> fields;
  std::vector<heed_package_kernel> kernels;
  std::vector<heed_package_map> maps;
  std::vector<heed_package_buffer> buffers;
  std::vector<heed_package_command> commands;
  std::vector<uint32_t> operands;
  std::vector<heed_package_entry> entries;
  std::vector<char> code;
  std::string metadata;
  std::string target;
  uint32_t vocabulary = 0;
  uint32_t context = 0;

  /// Adds a string and returns its place. Equal strings are kept once.
  heed_span addString(llvm::StringRef text);

  /// Adds bytes to what is embedded, aligned to 64, and returns their offset.
  uint64_t embed(llvm::ArrayRef<char> bytes);

  /// Lays everything out. The builder is of no use afterwards.
  std::vector<char> finish();

private:
  std::string strings_;
  llvm::StringMap<heed_span> known_;
  std::vector<char> embedded_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_HOST_PACKAGEBUILDER_H
