//===- TemporaryFolder.h - A folder for one test ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// An empty folder that lives as long as the object. Uses plain C++, so that
/// tests do not check the library by itself.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_LIB_SUPPORT_TEMPORARYFOLDER_H
#define HEED_TEST_UNIT_LIB_SUPPORT_TEMPORARYFOLDER_H

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <unistd.h>
#include <vector>

namespace heed {

class TemporaryFolder {
public:
  TemporaryFolder() {
    std::string name =
        (std::filesystem::temp_directory_path() / "heed-test-XXXXXX").string();
    if (!::mkdtemp(name.data()))
      std::abort();
    root = name;
  }
  ~TemporaryFolder() { std::filesystem::remove_all(root); }
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;

  std::string path(const std::string &name) const { return root + "/" + name; }

  void write(const std::string &name, const std::string &content) const {
    std::ofstream(path(name), std::ios::binary) << content;
  }

  std::string read(const std::string &name) const {
    std::ostringstream content;
    content << std::ifstream(path(name), std::ios::binary).rdbuf();
    return content.str();
  }

  /// Lists the names of the files in it, sorted.
  std::vector<std::string> entries() const {
    std::vector<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(root))
      names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    return names;
  }

  bool supportsUnnamedFiles() const {
    int descriptor = ::open(root.c_str(), O_TMPFILE | O_WRONLY, 0600);
    if (descriptor >= 0)
      ::close(descriptor);
    return descriptor >= 0 && ::access("/proc/self/fd", X_OK) == 0;
  }

private:
  std::string root;
};

} // namespace heed

#endif // HEED_TEST_UNIT_LIB_SUPPORT_TEMPORARYFOLDER_H
