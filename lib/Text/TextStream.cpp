//===- TextStream.cpp - Text as it comes ----------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Text/TextStream.h"

#include <cstdint>

namespace heed {

static constexpr llvm::StringLiteral kReplacement = "\xef\xbf\xbd"; // U+FFFD

namespace {
/// What may follow a first byte: how many bytes in all, and the range of the
/// second. Length 0: the byte begins nothing.
struct Sequence {
  unsigned length;
  uint8_t low, high;
};
} // namespace

/// Table 3-7 of the Unicode standard.
static Sequence getSequence(uint8_t first) {
  if (first < 0x80)
    return {1, 0, 0};
  if (first < 0xc2 || first > 0xf4)
    return {0, 0, 0};
  if (first < 0xe0)
    return {2, 0x80, 0xbf};
  if (first < 0xf0)
    return {3, uint8_t(first == 0xe0 ? 0xa0 : 0x80),
            uint8_t(first == 0xed ? 0x9f : 0xbf)};
  return {4, uint8_t(first == 0xf0 ? 0x90 : 0x80),
          uint8_t(first == 0xf4 ? 0x8f : 0xbf)};
}

/// Returns how many bytes at the beginning of `bytes` fit `sequence`.
static size_t countFitting(llvm::StringRef bytes, Sequence sequence) {
  size_t count = sequence.length ? 1 : 0;
  while (count < sequence.length && count < bytes.size()) {
    uint8_t low = count == 1 ? sequence.low : 0x80;
    uint8_t high = count == 1 ? sequence.high : 0xbf;
    uint8_t byte = bytes[count];
    if (byte < low || byte > high)
      break;
    ++count;
  }
  return count;
}

std::string TextStream::push(llvm::StringRef bytes) {
  held += bytes;
  llvm::StringRef rest = held;
  std::string text;
  while (!rest.empty()) {
    Sequence sequence = getSequence(uint8_t(rest[0]));
    size_t count = countFitting(rest, sequence);
    if (sequence.length && count == sequence.length)
      text += rest.take_front(count);
    else if (count && count == rest.size())
      break; // May still become a character.
    else
      text += kReplacement;
    rest = rest.drop_front(count ? count : 1);
  }
  held = rest.str();
  return text;
}

std::string TextStream::finish() {
  std::string text = held.empty() ? "" : kReplacement.str();
  held.clear();
  return text;
}

} // namespace heed
