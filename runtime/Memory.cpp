//===- Memory.cpp - Bytes from the operating system -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Memory.h"

#include "runtime/Arithmetic.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heed {

int64_t pageBytes() { return sysconf(_SC_PAGESIZE); }

Pages::~Pages() {
  if (data_)
    munmap(data_, size_);
}

Status Pages::allocate(int64_t bytes, const char *what) {
  int64_t rounded;
  if (bytes < 0 || !roundUp(bytes, pageBytes(), rounded))
    return makeError(HEED_OUT_OF_MEMORY, "%s: more than 2^63 bytes wanted",
                     what);
  if (rounded == 0) {
    *this = Pages();
    return Status();
  }
  // More than the machine has would be promised by the kernel and then kill us.
  int64_t machine;
  if (!multiply(sysconf(_SC_PHYS_PAGES), pageBytes(), machine))
    machine = INT64_MAX;
  Pages fresh;
  if (rounded <= machine) {
    void *data = mmap(nullptr, rounded, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (data != MAP_FAILED) {
      fresh.data_ = data;
      fresh.size_ = rounded;
    }
  }
  if (!fresh.data_)
    return makeError(
        HEED_OUT_OF_MEMORY, "%s: %lld bytes wanted, the machine has %lld", what,
        static_cast<long long>(rounded), static_cast<long long>(machine));
  *this = std::move(fresh);
  return Status();
}

char *Pages::leak() {
  char *data = this->data();
  data_ = nullptr;
  size_ = 0;
  return data;
}

void Pages::free(char *data, int64_t bytes) {
  Pages pages;
  pages.data_ = data;
  if (data && !roundUp(bytes, pageBytes(), pages.size_))
    pages.data_ = nullptr;
}

MappedFile::~MappedFile() {
  if (data_)
    munmap(data_, size_);
}

/// Maps `descriptor`, or sets errno and returns false. An empty file maps to
/// null.
static bool mapDescriptor(int descriptor, void *&data, uint64_t &size) {
  struct stat status;
  if (fstat(descriptor, &status) != 0)
    return false;
  if (!S_ISREG(status.st_mode)) {
    errno = S_ISDIR(status.st_mode) ? EISDIR : EINVAL;
    return false;
  }
  data = nullptr;
  size = status.st_size;
  if (size == 0)
    return true;
  data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, descriptor, 0);
  if (data != MAP_FAILED)
    return true;
  data = nullptr;
  return false;
}

Status MappedFile::open(const std::string &path, heed_status code) {
  int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  MappedFile fresh;
  bool mapped =
      descriptor >= 0 && mapDescriptor(descriptor, fresh.data_, fresh.size_);
  int reason = errno;
  if (descriptor >= 0)
    ::close(descriptor);
  if (!mapped)
    return makeError(code, "%s: cannot be read: %s", path.c_str(),
                     std::strerror(reason));
  *this = std::move(fresh);
  return Status();
}

} // namespace heed
