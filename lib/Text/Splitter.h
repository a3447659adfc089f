//===- Splitter.h - Words of a text ----------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Splits text into the words that are encoded one by one: the matches of a
/// regular expression, and what lies between them. The pattern may come from a
/// hostile file: its work and its memory are limited.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_TEXT_SPLITTER_H
#define HEED_LIB_TEXT_SPLITTER_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <memory>

namespace heed {

/// The pattern of GPT-2, which files need not spell out.
extern const llvm::StringLiteral kGpt2Pattern;

/// Movable; threads may share it.
class Splitter {
public:
  /// Takes a pattern as translatePattern() does. The error says what is wrong
  /// with it, but not in which file.
  static llvm::Expected<Splitter> create(llvm::StringRef pattern);

  Splitter(Splitter &&);
  Splitter &operator=(Splitter &&);
  ~Splitter();

  /// Calls `visit` for each word of `text`, in order; together they are the
  /// text. It is an error if matching takes too long, and if a match is empty.
  llvm::Error split(llvm::StringRef text,
                    llvm::function_ref<void(llvm::StringRef)> visit) const;

private:
  struct State;
  explicit Splitter(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

} // namespace heed

#endif // HEED_LIB_TEXT_SPLITTER_H
