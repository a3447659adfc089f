//===- Ids.cpp - Lists of ids on the command line -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Ids.h"

#include "heed/Support/Error.h"

#include "llvm/ADT/StringExtras.h"

namespace heed {

llvm::Expected<std::vector<int32_t>> parseIds(llvm::StringRef text,
                                              llvm::StringRef name) {
  std::vector<int32_t> ids;
  llvm::StringRef rest = text;
  bool goesOn = true;
  while (goesOn) {
    goesOn = rest.contains(',');
    auto [item, behind] = rest.split(',');
    item = item.trim(" \t");
    int32_t id = 0;
    if (item.empty() || !llvm::isDigit(item.front()) ||
        item.getAsInteger(10, id))
      return makeError(name + ": found " + quote(item) + " as id " +
                       llvm::Twine(ids.size()) +
                       ", wanted numbers of at most 2147483647 with commas "
                       "between them");
    ids.push_back(id);
    rest = behind;
  }
  return ids;
}

std::string printIds(llvm::ArrayRef<int32_t> ids) {
  std::string text;
  for (int32_t id : ids)
    text += (text.empty() ? "" : ",") + std::to_string(id);
  return text;
}

} // namespace heed
