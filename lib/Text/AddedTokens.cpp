//===- AddedTokens.cpp - Tokens that texts spell out ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/AddedTokens.h"

#include <algorithm>

namespace heed {

using Token = std::pair<std::string, int32_t>;

bool AddedTokens::add(llvm::StringRef text, int32_t id) {
  auto at = std::lower_bound(tokens.begin(), tokens.end(), text,
                             [](const Token &token, llvm::StringRef text) {
                               return llvm::StringRef(token.first) < text;
                             });
  if (at != tokens.end() && at->first == text)
    return false;
  tokens.insert(at, {text.str(), id});
  firstBytes.set(uint8_t(text[0]));
  return true;
}

/// Narrows the sorted tokens byte by byte to those that go on as the text does;
/// one that ends there is the first of them.
const Token *AddedTokens::find(llvm::StringRef text) const {
  const Token *longest = nullptr;
  auto from = tokens.begin(), to = tokens.end();
  for (size_t i = 0; i != text.size() && from != to; ++i) {
    // A token that has ended comes before all bytes.
    auto byteOf = [i](const Token &token) {
      return i < token.first.size() ? int(uint8_t(token.first[i])) : -1;
    };
    int byte = uint8_t(text[i]);
    from = std::partition_point(
        from, to, [&](const Token &token) { return byteOf(token) < byte; });
    to = std::partition_point(
        from, to, [&](const Token &token) { return byteOf(token) <= byte; });
    if (from != to && from->first.size() == i + 1)
      longest = &*from;
  }
  return longest;
}

llvm::Error
AddedTokens::split(llvm::StringRef text,
                   llvm::function_ref<void(int32_t)> token,
                   llvm::function_ref<llvm::Error(llvm::StringRef)> gap) const {
  size_t end = 0; // Of the last token.
  for (size_t at = 0; at < text.size();) {
    const Token *found = nullptr;
    if (firstBytes[uint8_t(text[at])])
      found = find(text.drop_front(at));
    if (!found) {
      ++at;
      continue;
    }
    if (at != end)
      if (llvm::Error error = gap(text.slice(end, at)))
        return error;
    token(found->second);
    end = at += found->first.size();
  }
  return end == text.size() ? llvm::Error::success()
                            : gap(text.drop_front(end));
}

} // namespace heed
