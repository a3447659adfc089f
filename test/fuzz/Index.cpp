//===- Index.cpp - Fuzzes the reader of checkpoint indices ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Weights/Checkpoint.h"

#include <cstdlib>

using namespace heed;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  auto entries = parseSafetensorsIndex(
      std::string(reinterpret_cast<const char *>(data), size), "f");
  if (!entries) {
    if (llvm::toString(entries.takeError()).find('\n') != std::string::npos)
      std::abort();
    return 0;
  }
  for (size_t i = 0; i < entries->size(); ++i) {
    const ShardEntry &entry = (*entries)[i];
    bool escapes = entry.shard.empty() || entry.shard == ".." ||
                   entry.shard.find('/') != std::string::npos ||
                   entry.shard.find('\0') != std::string::npos;
    if (escapes || (i && (*entries)[i - 1].tensor >= entry.tensor))
      std::abort();
  }
  return 0;
}
