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

#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/STLFunctionalExtras.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
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
  /// The id of the longest token that a text begins with, and its length.
  struct Match {
    int32_t id = -1;
    size_t length = 0;
  };
  Match find(llvm::StringRef text) const;

  /// A tree of the tokens' bytes: from a node, by a byte, to the next one.
  llvm::DenseMap<std::pair<uint32_t, uint32_t>, uint32_t> edges;
  /// Of each node, the root first: the id of the token that ends there, or -1.
  std::vector<int32_t> ids = {-1};
};

} // namespace heed

#endif // HEED_LIB_TEXT_ADDEDTOKENS_H
