//===- Scanner.h - Words of PTX text -------------------------- -*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Splits PTX text into tokens: words (names, numbers, instructions,
/// directives, with their dots and double colons), strings, and single
/// characters. Comments and the line-wise directives that say nothing here
/// (.loc, .file, .version) are skipped.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_EMULATOR_SCANNER_H
#define HEED_TEST_EMULATOR_SCANNER_H

#include <string>
#include <string_view>

namespace heed::ptx {

class Scanner {
public:
  explicit Scanner(std::string_view text) : text_(text) { advance(); }

  /// The current token; empty at the end of the text.
  std::string_view token() const { return token_; }
  bool atEnd() const { return token_.empty(); }
  bool is(std::string_view what) const { return token_ == what; }
  bool isWord() const;
  int line() const { return line_; }

  void advance();
  /// Returns the current token and goes on.
  std::string_view take();
  /// Goes on if the current token is `what`.
  bool accept(std::string_view what);
  /// Goes behind the bracket that closes the current one.
  void skipBraces();
  /// Goes behind the next `what`.
  void skipPast(std::string_view what);

  /// The text from the current token to the next `;`, on one line.
  std::string statement() const;

private:
  void skipBlank();
  void skipLine();

  std::string_view text_;
  std::string_view token_;
  size_t begin_ = 0, end_ = 0; ///< Of the token.
  int line_ = 1;               ///< Of the token.
};

} // namespace heed::ptx

#endif // HEED_TEST_EMULATOR_SCANNER_H
