//===- Path.cpp - Paths as seen from another folder -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Path.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace heed {

namespace path = llvm::sys::path;

std::string makeAbsolute(llvm::StringRef path, llvm::StringRef folder) {
  llvm::SmallString<256> result;
  if (path::is_relative(path))
    result = folder;
  path::append(result, path);
  // Without a current folder there is nothing better than what was given.
  (void)llvm::sys::fs::make_absolute(result);
  path::remove_dots(result, /*remove_dot_dot=*/true);
  return result.str().str();
}

std::string makeRelative(llvm::StringRef target, llvm::StringRef folder) {
  auto to = path::begin(target), from = path::begin(folder);
  while (to != path::end(target) && from != path::end(folder) && *to == *from) {
    ++to;
    ++from;
  }
  llvm::SmallString<256> result;
  for (; from != path::end(folder); ++from)
    path::append(result, "..");
  for (; to != path::end(target); ++to)
    path::append(result, *to);
  return result.str().str();
}

std::string rebase(llvm::StringRef path, llvm::StringRef from,
                   llvm::StringRef to) {
  std::string target = makeAbsolute(path, from);
  return to.empty() ? target : makeRelative(target, makeAbsolute("", to));
}

} // namespace heed
