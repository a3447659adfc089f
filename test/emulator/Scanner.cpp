//===- Scanner.cpp - Words of PTX text ------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/emulator/Scanner.h"

#include <algorithm>
#include <cctype>
#include <cstring>

namespace heed::ptx {

static bool isWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' ||
         c == '%' || c == '.';
}

static bool saysNothing(std::string_view word) {
  return word == ".loc" || word == ".file" || word == ".version" ||
         word == ".target" || word == ".address_size";
}

bool Scanner::isWord() const {
  return !token_.empty() && isWordCharacter(token_[0]);
}

void Scanner::skipLine() {
  begin_ = std::min(text_.find('\n', begin_), text_.size());
}

void Scanner::skipBlank() {
  for (; begin_ < text_.size(); ++begin_) {
    std::string_view rest = text_.substr(begin_);
    if (rest.substr(0, 2) == "//") {
      skipLine();
    } else if (rest.substr(0, 2) == "/*") {
      size_t end = std::min(rest.find("*/"), rest.size());
      line_ += int(std::count(rest.begin(), rest.begin() + end, '\n'));
      begin_ += end + 1;
      continue;
    }
    if (begin_ >= text_.size() || !std::strchr(" \t\r\n", text_[begin_]))
      return;
    line_ += text_[begin_] == '\n';
  }
}

void Scanner::advance() {
  begin_ = end_;
  skipBlank();
  begin_ = std::min(begin_, text_.size());
  end_ = begin_;
  while (end_ < text_.size() && (isWordCharacter(text_[end_]) ||
                                 (end_ != begin_ && end_ + 2 < text_.size() &&
                                  text_.substr(end_, 2) == "::")))
    end_ += text_[end_] == ':' ? 2 : 1;
  if (end_ == begin_ && end_ < text_.size() && text_[end_] == '"') {
    size_t quote = text_.find('"', end_ + 1);
    end_ = quote == std::string_view::npos ? text_.size() : quote + 1;
  } else if (end_ == begin_ && end_ < text_.size()) {
    ++end_;
  }
  token_ = text_.substr(begin_, end_ - begin_);
  if (saysNothing(token_)) {
    skipLine();
    end_ = begin_;
    advance();
  }
}

std::string_view Scanner::take() {
  std::string_view token = token_;
  advance();
  return token;
}

bool Scanner::accept(std::string_view what) {
  if (token_ != what)
    return false;
  advance();
  return true;
}

void Scanner::skipBraces() {
  int depth = 0;
  do {
    depth += is("{") || is("(");
    depth -= is("}") || is(")");
    advance();
  } while (depth > 0 && !atEnd());
}

void Scanner::skipPast(std::string_view what) {
  while (!atEnd() && !is(what))
    advance();
  advance();
}

std::string Scanner::statement() const {
  std::string out;
  size_t end = std::min(text_.find(';', begin_), text_.size());
  for (char c : text_.substr(begin_, end - begin_)) {
    bool blank = std::isspace(static_cast<unsigned char>(c));
    if (!blank || (!out.empty() && out.back() != ' '))
      out += blank ? ' ' : c;
  }
  return out;
}

} // namespace heed::ptx
