//===- CacheCost.cpp - Bytes of caches ------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Cost/CacheCost.h"

#include <algorithm>

namespace heed {

int64_t countCacheEntries(const CacheFieldShape &field, int64_t capacity) {
  switch (field.rate) {
  case CacheFieldShape::Rate::Token:
    return capacity;
  case CacheFieldShape::Rate::Ring:
    return std::min(field.window + field.sinks, capacity);
  case CacheFieldShape::Rate::Every:
    return (capacity + field.period - 1) / field.period;
  case CacheFieldShape::Rate::Sequence:
    return 1;
  }
  return 0;
}

int64_t countCacheBytes(llvm::ArrayRef<CacheFieldShape> fields,
                        int64_t sequences, int64_t capacity, bool decoded) {
  int64_t bytes = 0;
  for (const CacheFieldShape &field : fields)
    if (!decoded || !field.untilDecode)
      bytes +=
          sequences * field.entryBytes * countCacheEntries(field, capacity);
  return bytes;
}

} // namespace heed
