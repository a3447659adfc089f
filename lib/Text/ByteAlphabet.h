//===- ByteAlphabet.h - Bytes as printable characters ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The spelling of GPT-2 for pieces of text in files: each byte is one
/// character that prints. Bytes that print in Latin-1 are themselves, the
/// others are U+0100, U+0101, ... in order; a space is U+0120.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_TEXT_BYTEALPHABET_H
#define HEED_LIB_TEXT_BYTEALPHABET_H

#include "llvm/ADT/StringRef.h"

#include <array>
#include <optional>
#include <string>

namespace heed {

class ByteAlphabet {
public:
  ByteAlphabet();

  /// Returns the characters of `bytes` as UTF-8.
  std::string spell(llvm::StringRef bytes) const;

  /// Undoes spell(); nothing if `text` has another character.
  std::optional<std::string> read(llvm::StringRef text) const;

private:
  /// The character of each byte as UTF-8, one or two bytes.
  std::array<std::string, 256> characters;
  /// The byte of each character below U+0180, or -1.
  std::array<int, 0x180> bytes;
};

} // namespace heed

#endif // HEED_LIB_TEXT_BYTEALPHABET_H
