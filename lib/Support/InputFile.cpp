//===- InputFile.cpp - Files read in part or mapped -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/InputFile.h"
#include "heed/Support/Error.h"

#include <cerrno>
#include <fcntl.h>
#include <mutex>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heed {

static std::error_code lastError() {
  return std::error_code(errno, std::generic_category());
}

struct InputFile::State {
  std::string path;
  int descriptor = -1;
  uint64_t size = 0;
  std::mutex mapping;
  void *memory = nullptr;

  ~State() {
    if (memory)
      ::munmap(memory, size);
    if (descriptor >= 0)
      ::close(descriptor);
  }

  llvm::Error fault() const {
    return makeError("cannot read " + quote(path), lastError());
  }
};

InputFile::InputFile(std::unique_ptr<State> state) : state(std::move(state)) {}
InputFile::InputFile(InputFile &&) = default;
InputFile &InputFile::operator=(InputFile &&) = default;
InputFile::~InputFile() = default;

/// Names what is no regular file.
static const char *describeFileType(mode_t mode) {
  if (S_ISDIR(mode))
    return "a folder";
  if (S_ISFIFO(mode))
    return "a pipe";
  return "a device or socket";
}

llvm::Expected<InputFile> InputFile::open(llvm::StringRef path) {
  auto state = std::make_unique<State>();
  state->path = path.str();
  // Without O_NONBLOCK, opening a pipe would wait for its writer.
  state->descriptor =
      ::open(state->path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  struct stat status;
  if (state->descriptor < 0 || ::fstat(state->descriptor, &status) != 0)
    return state->fault();
  if (!S_ISREG(status.st_mode))
    return makeError("cannot read " + quote(path) + ": found " +
                     describeFileType(status.st_mode) +
                     ", wanted a regular file");
  state->size = static_cast<uint64_t>(status.st_size);
  return InputFile(std::move(state));
}

llvm::StringRef InputFile::path() const { return state->path; }
uint64_t InputFile::size() const { return state->size; }

llvm::Expected<std::string> InputFile::read(uint64_t offset,
                                            uint64_t bytes) const {
  // Before any memory is taken on the word of a header.
  if (offset > state->size || bytes > state->size - offset)
    return makeError("cannot read " + quote(state->path) + ": found " +
                     llvm::Twine(state->size) + " bytes, wanted " +
                     llvm::Twine(bytes) + " from byte " + llvm::Twine(offset));
  std::string content(bytes, '\0');
  for (uint64_t done = 0; done < bytes;) {
    ssize_t got = ::pread(state->descriptor, content.data() + done,
                          bytes - done, static_cast<off_t>(offset + done));
    if (got < 0 && errno == EINTR)
      continue;
    if (got < 0)
      return state->fault();
    if (got == 0)
      return makeError("cannot read " + quote(state->path) +
                       ": the file has become shorter");
    done += static_cast<uint64_t>(got);
  }
  return content;
}

llvm::Expected<llvm::ArrayRef<uint8_t>> InputFile::map() const {
  std::lock_guard<std::mutex> lock(state->mapping);
  if (!state->memory && state->size) {
    struct stat status;
    if (::fstat(state->descriptor, &status) != 0)
      return state->fault();
    if (static_cast<uint64_t>(status.st_size) < state->size)
      return makeError("cannot read " + quote(state->path) +
                       ": the file has become shorter");
    void *memory = ::mmap(nullptr, state->size, PROT_READ, MAP_PRIVATE,
                          state->descriptor, 0);
    if (memory == MAP_FAILED)
      return state->fault();
    state->memory = memory;
  }
  return llvm::ArrayRef<uint8_t>(static_cast<const uint8_t *>(state->memory),
                                 state->size);
}

llvm::Expected<std::string> readFile(llvm::StringRef path, uint64_t maxBytes) {
  llvm::Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return file.takeError();
  if (file->size() > maxBytes)
    return makeError("cannot read " + quote(path) + ": found " +
                     llvm::Twine(file->size()) + " bytes, wanted at most " +
                     llvm::Twine(maxBytes));
  return file->read(0, file->size());
}

} // namespace heed
