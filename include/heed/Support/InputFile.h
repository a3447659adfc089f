//===- InputFile.h - Files read in part or mapped --------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Opens a regular file to read parts of it, or to see it as memory. What is
/// no regular file (a folder, a pipe, a device) is refused: reading it might
/// never end.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_SUPPORT_INPUTFILE_H
#define HEED_SUPPORT_INPUTFILE_H

#include "llvm/ADT/ArrayRef.h"
#include "llvm/ADT/StringRef.h"
#include "llvm/Support/Error.h"

#include <cstdint>
#include <memory>
#include <string>

namespace heed {

/// One open file. Movable; threads may share it.
class InputFile {
public:
  static llvm::Expected<InputFile> open(llvm::StringRef path);

  InputFile(InputFile &&);
  InputFile &operator=(InputFile &&);
  ~InputFile();

  llvm::StringRef path() const;
  /// The size in bytes when it was opened.
  uint64_t size() const;

  /// Reads `bytes` from `offset`; fewer are an error.
  llvm::Expected<std::string> read(uint64_t offset, uint64_t bytes) const;

  /// Maps the whole file, read-only, at the first call; the same memory at
  /// every later one, valid as long as the file is open. Fails if the file has
  /// become shorter since it was opened; if that happens later still, touching
  /// the missing part ends the process, as with any mapping.
  llvm::Expected<llvm::ArrayRef<uint8_t>> map() const;

private:
  struct State;
  explicit InputFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state;
};

/// Reads a whole file of at most `maxBytes`.
llvm::Expected<std::string> readFile(llvm::StringRef path, uint64_t maxBytes);

} // namespace heed

#endif // HEED_SUPPORT_INPUTFILE_H
