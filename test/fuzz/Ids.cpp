//===- Ids.cpp - Fuzzes lists of ids --------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Ids.h"

#include <cstdlib>

using namespace heed;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  llvm::StringRef text(reinterpret_cast<const char *>(data), size);
  llvm::Expected<std::vector<int32_t>> ids = parseIds(text, "f");
  if (!ids) {
    if (llvm::toString(ids.takeError()).find('\n') != std::string::npos)
      std::abort();
    return 0;
  }
  // As many as there are commas and one more, none negative; what is written
  // reads as the same.
  if (ids->size() != text.count(',') + 1)
    std::abort();
  for (int32_t id : *ids)
    if (id < 0)
      std::abort();
  llvm::Expected<std::vector<int32_t>> again = parseIds(printIds(*ids), "f");
  if (!again || *again != *ids)
    std::abort();
  return 0;
}
