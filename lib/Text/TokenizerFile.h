//===- TokenizerFile.h - What tokenizer.json says --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Reads a Hugging Face tokenizer.json, strictly: every field is typed, known,
/// and either used or without influence on the ids of one text. Everything else
/// is an error of one line that names file, key, what was found and what was
/// wanted.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_TEXT_TOKENIZERFILE_H
#define HEED_LIB_TEXT_TOKENIZERFILE_H

#include "lib/Text/AddedTokens.h"
#include "lib/Text/ByteAlphabet.h"
#include "lib/Text/BytePairs.h"
#include "lib/Text/Splitter.h"

#include "heed/Support/Json.h"

#include <optional>
#include <unordered_map>

namespace heed {

/// The key "model": pieces and merges.
struct PieceTable {
  /// The ids of pieces, as the file spells them.
  llvm::StringMap<int32_t> ids;
  /// The bytes of each id. Ids may have large gaps.
  std::unordered_map<int32_t, std::string> bytes;
  BytePairs pairs;
};

/// All that a file says.
struct TokenizerFile {
  PieceTable pieces;
  /// Found in the text as it is, and after normalization.
  AddedTokens rawTokens, normalizedTokens;
  bool composesNfc = false;
  std::optional<Splitter> splitter;
  /// What the model expects around a text.
  std::vector<int32_t> before, after;
};

/// Reads the key "model". `vocabulary` is the number of ids that the model has.
llvm::Expected<PieceTable> readPieces(JsonObject model, int64_t vocabulary);

/// Reads a whole file from the root of its document.
llvm::Expected<TokenizerFile> readTokenizer(JsonValue root, int64_t vocabulary);

} // namespace heed

#endif // HEED_LIB_TEXT_TOKENIZERFILE_H
