//===- Assemble.cpp - From PTX to machine code ----------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Assemble.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/FileUtilities.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"
#include "llvm/Support/Program.h"

using namespace llvm;

namespace heed::nvgpu {

Expected<std::string> findAssembler(StringRef cudaPath) {
  auto inToolkit = [](StringRef folder) {
    SmallString<128> path(folder);
    sys::path::append(path, "bin", "ptxas");
    return std::string(sys::fs::can_execute(path) ? path.str() : "");
  };
  if (!cudaPath.empty()) {
    std::string found = inToolkit(cudaPath);
    if (found.empty())
      return createStringError("no bin/ptxas in the toolkit " + cudaPath);
    return found;
  }
  std::string found = inToolkit("/usr/local/cuda");
  if (!found.empty())
    return found;
  ErrorOr<std::string> inPath = sys::findProgramByName("ptxas");
  return inPath ? *inPath : std::string();
}

/// A file that goes away with this object.
static Expected<std::unique_ptr<FileRemover>>
makeFile(StringRef suffix, SmallVectorImpl<char> &path) {
  if (std::error_code code =
          sys::fs::createTemporaryFile("heed-kernels", suffix, path))
    return createStringError("cannot create a temporary file: " +
                             code.message());
  return std::make_unique<FileRemover>(StringRef(path.data(), path.size()));
}

static Expected<std::string> readFile(StringRef path) {
  ErrorOr<std::unique_ptr<MemoryBuffer>> file = MemoryBuffer::getFile(path);
  if (!file)
    return createStringError("cannot read " + path + ": " +
                             file.getError().message());
  return (*file)->getBuffer().str();
}

static Error writeFile(StringRef path, StringRef text) {
  std::error_code code;
  raw_fd_ostream stream(path, code);
  stream << text;
  stream.close();
  if (code || stream.has_error())
    return createStringError("cannot write " + path);
  return Error::success();
}

void readReport(StringRef report, GpuImage &image) {
  GpuReport *known = nullptr;
  auto numberBefore = [](StringRef line, StringRef words) {
    StringRef before = line.take_front(line.find(words)).rtrim();
    int64_t number = 0;
    before.substr(before.find_last_not_of("0123456789") + 1)
        .getAsInteger(10, number);
    return number;
  };
  for (StringRef line : split(report, '\n')) {
    if (line.contains("Compiling entry function '")) {
      StringRef name = line.split('\'').second.split('\'').first;
      known = nullptr;
      for (auto [kernel, ofKernel] : zip_equal(image.kernels, image.reports))
        if (kernel.symbol == name)
          known = &ofKernel;
    } else if (line.contains("wgmma") || line.contains("setmaxnreg")) {
      // Such lines name the function themselves, before its own are printed.
      for (auto [kernel, ofKernel] : zip_equal(image.kernels, image.reports))
        if (line.contains("'" + kernel.symbol + "'"))
          ofKernel.warnings.push_back(line.ltrim().str());
    } else if (known && line.contains("bytes spill stores")) {
      known->spillBytes = numberBefore(line, "bytes spill stores") +
                          numberBefore(line, "bytes spill loads");
    } else if (known && line.contains(" registers")) {
      known->registers = numberBefore(line, "registers");
    }
  }
}

Error assemble(StringRef assembler, StringRef arch, GpuImage &image) {
  SmallString<128> source, object, report;
  auto keepSource = makeFile("ptx", source);
  if (!keepSource)
    return keepSource.takeError();
  auto keepObject = makeFile("cubin", object);
  if (!keepObject)
    return keepObject.takeError();
  auto keepReport = makeFile("txt", report);
  if (!keepReport)
    return keepReport.takeError();
  if (Error error = writeFile(source, image.ptx))
    return error;
  std::string option = ("-arch=" + arch).str();
  StringRef arguments[] = {assembler, "-v", option, source, "-o", object};
  std::optional<StringRef> streams[] = {StringRef(""), StringRef(report),
                                        StringRef(report)};
  std::string problem;
  int code = sys::ExecuteAndWait(assembler, arguments, std::nullopt, streams, 0,
                                 0, &problem);
  Expected<std::string> text = readFile(report);
  if (!text)
    return text.takeError();
  if (code != 0)
    return createStringError(
        "the assembler " + assembler + " failed: " +
        (problem.empty() ? StringRef(*text).split('\n').first : problem));
  readReport(*text, image);
  Expected<std::string> bytes = readFile(object);
  if (!bytes)
    return bytes.takeError();
  image.cubin.assign(bytes->begin(), bytes->end());
  return Error::success();
}

} // namespace heed::nvgpu
