//===- OutputFile.cpp - Files written whole or not at all -----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/OutputFile.h"
#include "heed/Support/Error.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace heed {

/// The permissions of a new file, before the umask.
constexpr mode_t kMode = 0666;
/// How many names are tried that other threads may have taken.
constexpr int kAttempts = 1000;

static std::error_code lastError() {
  return std::error_code(errno, std::generic_category());
}

struct OutputFile::State {
  /// As the user spelled it, for messages.
  std::string path;
  /// Where the file goes, symbolic links resolved; empty: written directly.
  std::string target;
  /// The name of the temporary file; empty while it has none.
  std::string temporary;
  int descriptor = -1;
  std::unique_ptr<llvm::raw_fd_ostream> stream;

  ~State() {
    if (stream) {
      // The destructor of a stream with an unseen error ends the process.
      stream->flush();
      stream->clear_error();
      stream.reset();
    }
    if (descriptor > STDERR_FILENO)
      ::close(descriptor);
    if (!temporary.empty())
      ::unlink(temporary.c_str());
  }

  std::string directory() const {
    llvm::StringRef parent = llvm::sys::path::parent_path(target);
    return parent.empty() ? "." : parent.str();
  }

  std::string temporaryName(int attempt) const {
    return target + ".tmp" + std::to_string(::getpid()) + "." +
           std::to_string(attempt);
  }

  llvm::Error fault(const llvm::Twine &verb, std::error_code code) const {
    return makeError("cannot " + verb + " " + quote(path), code);
  }

  llvm::Error openDirectly();
  llvm::Error openTemporary();
  llvm::Error openNamed();
  llvm::Error giveName();
  llvm::Error moveIntoPlace();
};

llvm::Error OutputFile::State::openDirectly() {
  descriptor =
      path == "-" ? STDOUT_FILENO : ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
  return descriptor < 0 ? fault("open", lastError()) : llvm::Error::success();
}

/// Opens a temporary file of an unused name beside the target.
llvm::Error OutputFile::State::openNamed() {
  for (int attempt = 0; descriptor < 0 && attempt < kAttempts; ++attempt) {
    std::string name = temporaryName(attempt);
    descriptor =
        ::open(name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, kMode);
    if (descriptor >= 0)
      temporary = name;
    else if (errno != EEXIST)
      break;
  }
  return descriptor < 0 ? fault("create", lastError()) : llvm::Error::success();
}

llvm::Error OutputFile::State::openTemporary() {
  // Without a name, the file vanishes even when the process is killed. Giving
  // it one later takes /proc.
  if (::access("/proc/self/fd", X_OK) == 0)
    descriptor =
        ::open(directory().c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode);
  if (descriptor < 0)
    if (llvm::Error error = openNamed())
      return error;
  struct stat old;
  if (::stat(target.c_str(), &old) == 0 &&
      ::fchmod(descriptor, old.st_mode & 07777) != 0)
    return fault("create", lastError());
  return llvm::Error::success();
}

/// Links an unnamed file to an unused name beside the target.
llvm::Error OutputFile::State::giveName() {
  std::string self = "/proc/self/fd/" + std::to_string(descriptor);
  for (int attempt = 0; attempt < kAttempts; ++attempt) {
    std::string name = temporaryName(attempt);
    if (::linkat(AT_FDCWD, self.c_str(), AT_FDCWD, name.c_str(),
                 AT_SYMLINK_FOLLOW) == 0) {
      temporary = name;
      return llvm::Error::success();
    }
    if (errno != EEXIST)
      break;
  }
  return fault("create", lastError());
}

llvm::Error OutputFile::State::moveIntoPlace() {
  if (::fsync(descriptor) != 0)
    return fault("write", lastError());
  if (temporary.empty())
    if (llvm::Error error = giveName())
      return error;
  if (::rename(temporary.c_str(), target.c_str()) != 0)
    return fault("create", lastError());
  temporary.clear();
  // The rename itself reaches the disk with the directory. A file system that
  // cannot do this has still renamed.
  int parent = ::open(directory().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (parent >= 0) {
    (void)::fsync(parent);
    ::close(parent);
  }
  return llvm::Error::success();
}

OutputFile::OutputFile(std::unique_ptr<State> state)
    : state(std::move(state)) {}

OutputFile::~OutputFile() = default;

llvm::Expected<OutputFile> OutputFile::create(llvm::StringRef path) {
  auto state = std::make_unique<State>();
  state->path = path.str();
  struct stat old;
  bool exists = path != "-" && ::stat(state->path.c_str(), &old) == 0;
  if (path.empty())
    return makeError("found an empty output path, wanted a file name");
  if (exists && S_ISDIR(old.st_mode))
    return state->fault("create",
                        std::make_error_code(std::errc::is_a_directory));
  if (path == "-" || (exists && !S_ISREG(old.st_mode))) {
    if (llvm::Error error = state->openDirectly())
      return std::move(error);
  } else {
    llvm::SmallString<128> real;
    bool resolved = exists && !llvm::sys::fs::real_path(path, real);
    state->target = resolved ? real.str().str() : path.str();
    if (llvm::Error error = state->openTemporary())
      return std::move(error);
  }
  state->stream = std::make_unique<llvm::raw_fd_ostream>(state->descriptor,
                                                         /*shouldClose=*/false);
  return OutputFile(std::move(state));
}

llvm::raw_ostream &OutputFile::os() { return *state->stream; }

bool OutputFile::failed() const { return state->stream->has_error(); }

llvm::Error OutputFile::commit() {
  state->stream->flush();
  if (state->stream->has_error())
    return state->fault("write", state->stream->error());
  if (state->target.empty())
    return llvm::Error::success();
  return state->moveIntoPlace();
}

llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content) {
  llvm::Expected<OutputFile> file = OutputFile::create(path);
  if (!file)
    return file.takeError();
  file->os() << content;
  return file->commit();
}

} // namespace heed
