//===- AddedTokens.cpp - Tokens that texts spell out ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "lib/Text/AddedTokens.h"

namespace heed {

bool AddedTokens::add(llvm::StringRef text, int32_t id) {
  uint32_t node = 0;
  for (uint8_t byte : text.bytes()) {
    auto fresh = static_cast<uint32_t>(ids.size());
    auto [edge, isNew] = edges.try_emplace({node, byte}, fresh);
    if (isNew)
      ids.push_back(-1);
    node = edge->second;
  }
  if (ids[node] >= 0)
    return false;
  ids[node] = id;
  return true;
}

AddedTokens::Match AddedTokens::find(llvm::StringRef text) const {
  Match longest;
  uint32_t node = 0;
  for (size_t i = 0; i != text.size(); ++i) {
    auto edge = edges.find({node, uint8_t(text[i])});
    if (edge == edges.end())
      break;
    node = edge->second;
    if (ids[node] >= 0)
      longest = {ids[node], i + 1};
  }
  return longest;
}

llvm::Error
AddedTokens::split(llvm::StringRef text,
                   llvm::function_ref<void(int32_t)> token,
                   llvm::function_ref<llvm::Error(llvm::StringRef)> gap) const {
  size_t end = 0; // Of the last token.
  for (size_t at = 0; at != text.size();) {
    Match found = find(text.drop_front(at));
    if (found.id < 0) {
      ++at;
      continue;
    }
    if (at != end)
      if (llvm::Error error = gap(text.slice(end, at)))
        return error;
    token(found.id);
    end = at += found.length;
  }
  return end == text.size() ? llvm::Error::success()
                            : gap(text.drop_front(end));
}

} // namespace heed
