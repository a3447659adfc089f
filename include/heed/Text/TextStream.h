//===- TextStream.h - Text as it comes -------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Turns bytes that come in pieces into valid UTF-8, as early as possible.
///
///     TextStream text;
///     for (int32_t id : ids)
///       os << text.push(tokenizer.getBytes(id));
///     os << text.finish();
///
/// Bytes that begin a character are held back until the rest has come. What
/// can never become a character is replaced by U+FFFD: the longest beginning of
/// a character as one, any other byte by itself, which is what Unicode
/// recommends and what most decoders do. Control characters pass.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEXT_TEXTSTREAM_H
#define HEED_TEXT_TEXTSTREAM_H

#include "llvm/ADT/StringRef.h"

#include <string>

namespace heed {

class TextStream {
public:
  /// Takes more bytes and returns the text that is now certain.
  std::string push(llvm::StringRef bytes);

  /// Ends the text: returns U+FFFD if a character is incomplete, else nothing.
  /// Afterwards another text may begin.
  std::string finish();

private:
  /// The beginning of a character: at most three bytes.
  std::string held;
};

} // namespace heed

#endif // HEED_TEXT_TEXTSTREAM_H
