//===- Error.cpp - Errors of one line -------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

namespace heed {

/// How much of a quoted text is shown: this many bytes of both ends.
static constexpr size_t kQuotedEnd = 60;

/// Appends `text` to `out` with control characters escaped.
static void appendOneLine(std::string &out, llvm::StringRef text) {
  for (unsigned char c : text) {
    if (c >= 0x20 && c != 0x7f) {
      out += static_cast<char>(c);
      continue;
    }
    out += "\\x";
    out += llvm::hexdigit(c >> 4);
    out += llvm::hexdigit(c & 15);
  }
}

llvm::Error makeError(const llvm::Twine &message) {
  std::string line;
  appendOneLine(line, message.str());
  return llvm::createStringError(std::move(line),
                                 llvm::inconvertibleErrorCode());
}

llvm::Error makeError(const llvm::Twine &message, std::error_code code) {
  return makeError(message + ": " + code.message());
}

/// Drops the bytes at the end that begin a UTF-8 sequence and lack its rest.
static llvm::StringRef dropBrokenEnd(llvm::StringRef text) {
  size_t end = text.size();
  while (end && text.size() - end < 3 && (text[end - 1] & 0xc0) == 0x80)
    --end;
  return end && (text[end - 1] & 0xc0) == 0xc0 ? text.take_front(end - 1)
                                               : text;
}

std::string quote(llvm::StringRef text) {
  std::string out = "\"";
  if (text.size() <= 2 * kQuotedEnd + 3) {
    appendOneLine(out, text);
    return out + "\"";
  }
  appendOneLine(out, dropBrokenEnd(text.take_front(kQuotedEnd)));
  out += "...";
  llvm::StringRef end = text.take_back(kQuotedEnd);
  appendOneLine(out, end.drop_while([](char c) { return (c & 0xc0) == 0x80; }));
  return out + "\"";
}

} // namespace heed
