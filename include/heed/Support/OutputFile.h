//===- OutputFile.h - Files written whole or not at all --------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes a file so that its path holds the old content or the whole new one,
/// never a part, whatever happens in between.
///
///     llvm::Expected<OutputFile> file = OutputFile::create("m.heed");
///     if (!file)
///       return file.takeError();
///     file->os() << bytes;            // errors are kept until commit()
///     return file->commit();
///
/// The bytes go to an unnamed file in the same directory (where the file
/// system cannot do that, to one named PATH.tmpPID.N), which commit() flushes
/// to the disk and renames to the path. Without commit() nothing is left
/// behind. A symbolic link stays and its target is replaced; an existing file
/// keeps its permissions. What is no regular file (a terminal, /dev/null, a
/// pipe) is written directly, and "-" is the standard output.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_SUPPORT_OUTPUTFILE_H
#define HEED_SUPPORT_OUTPUTFILE_H

#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"
#include "llvm/Support/raw_ostream.h"

#include <memory>
#include <string>

namespace heed {

/// One file being written. Owned by one thread; movable.
class OutputFile {
public:
  /// Opens what will become the file `path`. Fails if its directory is missing
  /// or cannot be written.
  static llvm::Expected<OutputFile> create(llvm::StringRef path);

  OutputFile(OutputFile &&) = default;
  OutputFile &operator=(OutputFile &&) = delete;
  /// Discards everything unless commit() succeeded.
  ~OutputFile();

  /// Returns the stream to write to. It keeps the first error for commit();
  /// nothing need be checked before.
  llvm::raw_ostream &os();

  /// Says whether writing has failed already, so that a long job can stop.
  bool failed() const;

  /// Puts the file in its place. On failure (a full disk, ...) the error names
  /// the path and the system's reason, and the path is as it was. Call once.
  llvm::Error commit();

private:
  struct State;
  explicit OutputFile(std::unique_ptr<State> state);

  std::unique_ptr<State> state;
};

/// Writes `content` to `path`, whole or not at all.
llvm::Error writeFile(llvm::StringRef path, llvm::StringRef content);

} // namespace heed

#endif // HEED_SUPPORT_OUTPUTFILE_H
