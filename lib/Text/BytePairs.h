//===- BytePairs.h - Pieces of text by merging pairs -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Byte pair encoding. A word begins as its single bytes; as long as two
/// neighbours can be merged, the pair of the lowest rank is, the leftmost if it
/// occurs more than once.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_TEXT_BYTEPAIRS_H
#define HEED_LIB_TEXT_BYTEPAIRS_H

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/ADT/StringRef.h"

#include <array>
#include <cstdint>
#include <utility>
#include <vector>

namespace heed {

class BytePairs {
public:
  BytePairs() { single.fill(-1); }

  /// Names the piece that a byte begins as. Each byte must get one.
  void setByte(uint8_t byte, int32_t id) { single[byte] = id; }

  /// Adds the merge of two pieces, ranked after all before. Returns false if
  /// the pair has one already.
  bool addMerge(int32_t left, int32_t right, int32_t merged);

  /// Makes a word that is `bytes` the piece `id`, whatever the merges say.
  void addWord(llvm::StringRef bytes, int32_t id) { words[bytes] = id; }

  /// Appends the pieces of `word`, in time n log n.
  void encode(llvm::StringRef word, std::vector<int32_t> &ids) const;

private:
  struct Merge {
    uint32_t rank;
    int32_t piece;
  };
  using Pair = std::pair<int32_t, int32_t>;

  std::array<int32_t, 256> single;
  llvm::DenseMap<Pair, Merge> merges;
  llvm::StringMap<int32_t> words;

  friend class Merger;
};

} // namespace heed

#endif // HEED_LIB_TEXT_BYTEPAIRS_H
