//===- Memory.h - Bytes from the operating system --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Owners of memory: zero-filled pages and mapped files. Both are empty at
/// first, move, and give their memory back when they end.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_RUNTIME_MEMORY_H
#define HEED_RUNTIME_MEMORY_H

#include "runtime/Status.h"

#include <cstddef>
#include <cstdint>
#include <string>

namespace heed {

/// Zero-filled pages. A page that was never touched costs no memory.
class Pages {
public:
  Pages() = default;
  Pages(Pages &&other) noexcept { swap(other); }
  Pages &operator=(Pages &&other) noexcept {
    swap(other);
    return *this;
  }
  ~Pages();

  /// Replaces what is held by `bytes` of zeros. `what` names the purpose in
  /// the message. On failure nothing changes.
  Status allocate(int64_t bytes, const char *what);

  /// Hands the pages to the caller, who gives them back by `free`.
  char *leak();
  static void free(char *data, int64_t bytes);

  char *data() const { return static_cast<char *>(data_); }
  int64_t size() const { return size_; }

private:
  void swap(Pages &other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  void *data_ = nullptr;
  int64_t size_ = 0;
};

/// A file mapped for reading. The file must not shrink while it is held.
class MappedFile {
public:
  MappedFile() = default;
  MappedFile(MappedFile &&other) noexcept { swap(other); }
  MappedFile &operator=(MappedFile &&other) noexcept {
    swap(other);
    return *this;
  }
  ~MappedFile();

  /// Maps the file at `path`; a failure has the code `code`.
  Status open(const std::string &path, heed_status code);

  const char *data() const { return static_cast<const char *>(data_); }
  uint64_t size() const { return size_; }

private:
  void swap(MappedFile &other) {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
  }

  void *data_ = nullptr;
  uint64_t size_ = 0;
};

/// Returns the bytes of a page.
int64_t pageBytes();

} // namespace heed

#endif // HEED_RUNTIME_MEMORY_H
