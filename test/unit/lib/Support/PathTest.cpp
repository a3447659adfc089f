//===- PathTest.cpp -------------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The C++ library says the same in its own way.
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Path.h"

#include <filesystem>
#include <gtest/gtest.h>

using namespace heed;
namespace fs = std::filesystem;

namespace {

TEST(Path, Absolute) {
  EXPECT_EQ(makeAbsolute("w", "/m"), "/m/w");
  EXPECT_EQ(makeAbsolute("/w", "/m"), "/w");
  EXPECT_EQ(makeAbsolute("../a/./w", "/m/n"), "/m/a/w");
  std::string here = fs::current_path().string();
  EXPECT_EQ(makeAbsolute("w", ""), here + "/w");
  EXPECT_EQ(makeAbsolute("w", "m"), here + "/m/w");
  EXPECT_EQ(makeAbsolute("", "m"), here + "/m");
}

TEST(Path, Relative) {
  const char *paths[] = {"/a",     "/a/b",   "/a/b/c", "/a/bc",
                         "/d/b/c", "/a/b/d", "/a b/c"};
  for (const char *target : paths)
    for (const char *folder : paths) {
      if (fs::path(target) == folder)
        continue; // Nothing leads from a folder to itself.
      EXPECT_EQ(makeRelative(target, folder),
                fs::path(target).lexically_relative(folder).string());
    }
}

TEST(Path, Rebase) {
  EXPECT_EQ(rebase("w", "/m", "/m"), "w");
  EXPECT_EQ(rebase("w", "/m", "/p/q"), "../../m/w");
  EXPECT_EQ(rebase("../w", "/m/n", "/m"), "w");
  EXPECT_EQ(rebase("/w", "/m", "/p"), "../w");
  EXPECT_EQ(rebase("w", "/m", ""), "/m/w");
  EXPECT_EQ(rebase("w", "", "out"), "../w");
}

} // namespace
