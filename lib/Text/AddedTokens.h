//===- AddedTokens.h - Tokens that texts spell out -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Finds tokens such as "<|im_start|>" in a text, which are not made of pieces
/// but have ids of their own.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_LIB_TEXT_ADDEDTOKENS_H
#define HEED_LIB_TEXT_ADDEDTOKENS_H

#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <bitset>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace heed {

class AddedTokens {
public:
  /// Adds a token, which is not empty. Returns false if it is there already.
  bool add(llvm::StringRef text, int32_t id);

  /// Cuts `text` at its tokens, from the left, the longest first where several
  /// begin. Calls `token` for each and `gap` for the text between, if any; ends
  /// at the first error.
  llvm::Error split(llvm::StringRef text,
                    llvm::function_ref<void(int32_t)> token,
                    llvm::function_ref<llvm::Error(llvm::StringRef)> gap) const;

private:
  /// Returns the longest token that `text` begins with, or null.
  const std::pair<std::string, int32_t> *find(llvm::StringRef text) const;

  /// Sorted by text.
  std::vector<std::pair<std::string, int32_t>> tokens;
  std::bitset<256> firstBytes;
};

} // namespace heed

#endif // HEED_LIB_TEXT_ADDEDTOKENS_H
