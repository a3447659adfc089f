//===- LogitTable.h - Logits of all tokens of a batch -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_TOOLS_HEED_RUN_LOGITTABLE_H
#define HEED_TOOLS_HEED_RUN_LOGITTABLE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace heed {

/// Keeps what BatchHooks::see shows.
class LogitTable {
public:
  LogitTable(int64_t sequences, int64_t vocabulary)
      : sequences(sequences), vocabulary(vocabulary) {}

  /// Adds the row of a sequence's next token.
  void add(int64_t sequence, llvm::ArrayRef<float> logits) {
    sequences[sequence].insert(sequences[sequence].end(), logits.begin(),
                               logits.end());
  }

  int64_t countTokens(int64_t sequence) const {
    return int64_t(sequences[sequence].size()) / vocabulary;
  }
  llvm::ArrayRef<float> getRow(int64_t sequence, int64_t token) const {
    return llvm::ArrayRef(sequences[sequence])
        .slice(token * vocabulary, vocabulary);
  }

  /// Writes sequences x tokens x vocabulary as NumPy reads it; the rows behind
  /// the end of a shorter sequence are NaN.
  llvm::Error write(llvm::StringRef path) const;

private:
  std::vector<std::vector<float>> sequences;
  int64_t vocabulary;
};

} // namespace heed

#endif // HEED_TOOLS_HEED_RUN_LOGITTABLE_H
