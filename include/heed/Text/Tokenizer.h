//===- Tokenizer.h - From text to ids and back -----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Turns text into the ids that a model takes, and says which bytes an id
/// stands for.
///
///     llvm::Expected<std::unique_ptr<Tokenizer>> tokenizer =
///         openTokenizer("model/tokenizer.json", vocabulary);
///     ...
///     llvm::Expected<std::vector<int32_t>> ids =
///         (*tokenizer)->encode("Hello", /*addSpecial=*/true);
///
/// An id may stand for a part of a character: to print ids as they come, use
/// TextStream.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEXT_TOKENIZER_H
#define HEED_TEXT_TOKENIZER_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace heed {

/// Immutable: threads may share it.
class Tokenizer {
public:
  virtual ~Tokenizer();

  /// Turns text into ids. With `addSpecial`, the ids that the model expects
  /// around a text are added, such as the one that begins it. Special tokens
  /// that `text` spells out ("<|im_start|>") become their ids in either case.
  virtual llvm::Expected<std::vector<int32_t>>
  encode(llvm::StringRef text, bool addSpecial) const = 0;

  /// Returns the bytes that `id` stands for; none for special tokens and for
  /// ids that mean nothing. Valid as long as the tokenizer.
  virtual llvm::StringRef getBytes(int32_t id) const = 0;

  /// Returns the number of ids that the model has; encode() gives only ids
  /// from 0 to one less.
  virtual int64_t getVocabulary() const = 0;
};

/// Makes the tokenizer of models whose vocabulary is the 256 bytes. Any text is
/// fine, also one that is not UTF-8, and no id is special: that which begins a
/// text, if there is one, still stands for its byte. It is an error if
/// `startId` is no byte.
llvm::Expected<std::unique_ptr<Tokenizer>>
createByteTokenizer(std::optional<int32_t> startId);

/// Reads a Hugging Face tokenizer.json for a model with `vocabulary` ids, which
/// may be more than the file has. REQUIRES: less than 2^31.
///
/// Supported are tokenizers of byte pairs on the level of bytes, as Llama 3,
/// Qwen 2, Qwen 3 and GPT-2 have them; whatever else the file asks for is
/// refused by its key. encode() gives the ids of the original implementation;
/// it refuses text that is not UTF-8, and text on which the file's pattern
/// takes too long. Two things differ: an added token that is not special stands
/// for its own text, even if the original would take its characters for names
/// of bytes; and characters are classified by the version of Unicode of the
/// installed ICU.
llvm::Expected<std::unique_ptr<Tokenizer>> openTokenizer(llvm::StringRef path,
                                                         int64_t vocabulary);

/// Does the same for the text of such a file; `name` stands in messages.
llvm::Expected<std::unique_ptr<Tokenizer>>
parseTokenizer(std::string text, llvm::StringRef name, int64_t vocabulary);

} // namespace heed

#endif // HEED_TEXT_TOKENIZER_H
