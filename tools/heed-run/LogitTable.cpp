//===- LogitTable.cpp - Logits of all tokens of a batch -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/LogitTable.h"

#include "tools/heed-run/Npy.h"

#include <algorithm>
#include <limits>

namespace heed {

llvm::Error LogitTable::write(llvm::StringRef path) const {
  size_t longest = 0;
  for (const std::vector<float> &rows : sequences)
    longest = std::max(longest, rows.size());
  std::vector<float> values;
  for (const std::vector<float> &rows : sequences) {
    values.insert(values.end(), rows.begin(), rows.end());
    values.insert(values.end(), longest - rows.size(),
                  std::numeric_limits<float>::quiet_NaN());
  }
  int64_t tokens = int64_t(longest) / vocabulary;
  return writeNpy(path, {int64_t(sequences.size()), tokens, vocabulary},
                  values);
}

} // namespace heed
