//===- ByteAlphabet.cpp - Bytes as printable characters -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/ByteAlphabet.h"

#include <cstdint>

namespace heed {

/// Says whether a character of Latin-1 prints and takes up space.
static bool prints(unsigned c) {
  return (c > ' ' && c < 0x7f) || (c > 0xa0 && c != 0xad);
}

ByteAlphabet::ByteAlphabet() {
  bytes.fill(-1);
  unsigned next = 0x100;
  for (unsigned byte = 0; byte != 256; ++byte) {
    unsigned c = prints(byte) ? byte : next++;
    bytes[c] = int(byte);
    if (c < 0x80)
      characters[byte] = {char(c)};
    else
      characters[byte] = {char(0xc0 | c >> 6), char(0x80 | (c & 0x3f))};
  }
}

std::string ByteAlphabet::spell(llvm::StringRef text) const {
  std::string spelled;
  spelled.reserve(text.size());
  for (uint8_t byte : text.bytes())
    spelled += characters[byte];
  return spelled;
}

std::optional<std::string> ByteAlphabet::read(llvm::StringRef text) const {
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    unsigned c = uint8_t(text[i]);
    if (c >= 0x80) { // All characters from U+0080 on have two bytes.
      if (c < 0xc0 || c >= 0xe0 || i + 1 == text.size())
        return std::nullopt;
      c = (c & 0x1f) << 6 | (uint8_t(text[++i]) & 0x3f);
    }
    if (c >= bytes.size() || bytes[c] < 0)
      return std::nullopt;
    result += char(bytes[c]);
  }
  return result;
}

} // namespace heed
