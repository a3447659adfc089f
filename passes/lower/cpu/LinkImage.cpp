//===- LinkImage.cpp - From an object to a shared object ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Calls LLD as a library. It reads and writes files, so both lie in a private
/// temporary folder that is gone afterwards. LLD keeps state in globals: calls
/// are made one at a time.
///
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/ObjectCode.h"

#include "lld/Common/Driver.h"
#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

#include <mutex>

LLD_HAS_DRIVER(elf)

using namespace llvm;

namespace heed::cpu {
namespace {

/// A folder in the system's place for temporary files, removed at the end.
class TemporaryFolder {
public:
  TemporaryFolder() = default;
  TemporaryFolder(const TemporaryFolder &) = delete;
  TemporaryFolder &operator=(const TemporaryFolder &) = delete;
  ~TemporaryFolder() {
    if (!path.empty())
      sys::fs::remove_directories(path);
  }

  Error create() {
    if (std::error_code code = sys::fs::createUniqueDirectory("heed", path))
      return createStringError(code, "cannot create a temporary folder: " +
                                         code.message());
    return Error::success();
  }
  std::string file(StringRef name) const {
    SmallString<128> full(path);
    sys::path::append(full, name);
    return std::string(full);
  }

private:
  SmallString<128> path;
};

Error writeFile(const std::string &path, ArrayRef<char> bytes) {
  std::error_code code;
  raw_fd_ostream stream(path, code);
  if (!code) {
    stream.write(bytes.data(), bytes.size());
    stream.close();
    code = stream.error();
    stream.clear_error();
  }
  if (code)
    return createStringError(code,
                             "cannot write " + path + ": " + code.message());
  return Error::success();
}

/// The first complaint of LLD, without its name.
StringRef firstComplaint(StringRef output) {
  StringRef line = output.split('\n').first;
  line.consume_front("ld.lld: error: ");
  return line;
}

/// Runs LLD; returns what it complained about first, or success.
Error runLinker(const std::string &object, const std::string &image) {
  static std::mutex oneAtATime;
  std::lock_guard<std::mutex> lock(oneAtATime);
  const char *arguments[] = {
      "ld.lld",           "-shared", "--no-undefined", "--build-id=none",
      "--hash-style=gnu", "-o",      image.c_str(),    object.c_str()};
  std::string output;
  raw_string_ostream stream(output);
  lld::Result result =
      lld::lldMain(arguments, stream, stream, {{lld::Gnu, &lld::elf::link}});
  if (result.retCode != 0)
    return createStringError("cannot link the kernels: " +
                             firstComplaint(output));
  return Error::success();
}

} // namespace

Expected<std::vector<char>> linkImage(ArrayRef<char> object) {
  TemporaryFolder folder;
  if (Error error = folder.create())
    return std::move(error);
  std::string from = folder.file("kernels.o"), to = folder.file("kernels.so");
  if (Error error = writeFile(from, object))
    return std::move(error);
  if (Error error = runLinker(from, to))
    return std::move(error);
  ErrorOr<std::unique_ptr<MemoryBuffer>> image =
      MemoryBuffer::getFile(to, /*IsText=*/false,
                            /*RequiresNullTerminator=*/false,
                            /*IsVolatile=*/true);
  if (!image)
    return createStringError(image.getError(), "cannot read " + to + ": " +
                                                   image.getError().message());
  return std::vector<char>((*image)->getBufferStart(),
                           (*image)->getBufferEnd());
}

} // namespace heed::cpu
