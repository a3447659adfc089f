//===- BytePairs.cpp - Pieces of text by merging pairs --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/BytePairs.h"

#include "llvm/ADT/SmallVector.h"

#include <functional>
#include <queue>

namespace heed {

bool BytePairs::addMerge(int32_t left, int32_t right, int32_t merged) {
  auto rank = static_cast<uint32_t>(merges.size());
  return merges.try_emplace(Pair(left, right), Merge{rank, merged}).second;
}

/// Merges one word. Pieces form a list, and the pairs that can be merged a
/// queue; a pair that was there and is no more stays queued until its turn.
class Merger {
public:
  Merger(const BytePairs &pairs, llvm::StringRef word);

  void run();
  void append(std::vector<int32_t> &ids) const;

private:
  /// A piece, which begins at its own index in the word; -1: it was merged.
  struct Piece {
    int32_t id, previous, next;
  };
  /// Rank of the merge, index of the left piece: what comes first is merged
  /// first.
  using Entry = std::pair<uint32_t, int32_t>;

  /// Finds the merge of the piece at `left` and its neighbour; null if none.
  const BytePairs::Merge *find(int32_t left) const;
  void enqueue(int32_t left);

  const BytePairs &pairs;
  llvm::SmallVector<Piece, 32> pieces;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<Entry>> queue;
};

Merger::Merger(const BytePairs &pairs, llvm::StringRef word) : pairs(pairs) {
  auto size = static_cast<int32_t>(word.size());
  pieces.reserve(size);
  for (int32_t i = 0; i != size; ++i)
    pieces.push_back({pairs.single[uint8_t(word[i])], i - 1, i + 1});
  for (int32_t i = 0; i != size; ++i)
    enqueue(i);
}

const BytePairs::Merge *Merger::find(int32_t left) const {
  int32_t right = pieces[left].next;
  if (right >= int32_t(pieces.size()))
    return nullptr;
  auto merge = pairs.merges.find({pieces[left].id, pieces[right].id});
  return merge == pairs.merges.end() ? nullptr : &merge->second;
}

void Merger::enqueue(int32_t left) {
  if (const BytePairs::Merge *merge = find(left))
    queue.emplace(merge->rank, left);
}

void Merger::run() {
  while (!queue.empty()) {
    auto [rank, left] = queue.top();
    queue.pop();
    if (pieces[left].id < 0)
      continue;
    const BytePairs::Merge *merge = find(left);
    if (!merge || merge->rank != rank)
      continue;
    int32_t right = pieces[left].next, next = pieces[right].next;
    pieces[left].id = merge->piece;
    pieces[left].next = next;
    pieces[right].id = -1;
    if (next < int32_t(pieces.size()))
      pieces[next].previous = left;
    enqueue(left);
    if (pieces[left].previous >= 0)
      enqueue(pieces[left].previous);
  }
}

void Merger::append(std::vector<int32_t> &ids) const {
  for (const Piece &piece : pieces)
    if (piece.id >= 0)
      ids.push_back(piece.id);
}

void BytePairs::encode(llvm::StringRef word, std::vector<int32_t> &ids) const {
  auto whole = words.find(word);
  if (whole != words.end()) {
    ids.push_back(whole->second);
    return;
  }
  Merger merger(*this, word);
  merger.run();
  merger.append(ids);
}

} // namespace heed
