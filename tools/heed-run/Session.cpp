//===- Session.cpp - A model that can be stepped --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/Session.h"

#include "heed-c/Package.h"
#include "heed/Support/Error.h"
#include "heed/Support/InputFile.h"
#include "heed/Support/Json.h"
#include "heed/Support/Path.h"

namespace heed {

llvm::Error Session::readFacts(const heed_model_info &info,
                               llvm::StringRef folder) {
  facts.target = info.target;
  facts.vocabulary = info.vocabulary;
  facts.context = info.context;
  facts.stopIds.assign(info.stop_ids, info.stop_ids + info.stop_id_count);
  llvm::Expected<JsonDocument> document =
      JsonDocument::parse(info.metadata, facts.file + ": metadata");
  if (!document)
    return document.takeError();
  JsonObject metadata(document->root()), model;
  if (metadata.readOptional("model", model) && model) {
    int64_t start = -1;
    model.readOptional("start_id", start, 0, facts.vocabulary - 1);
    if (start >= 0)
      facts.startId = int32_t(start);
    model.readOptional("tokenizer", facts.tokenizer);
  }
  if (!facts.tokenizer.empty() && facts.tokenizer != "bytes")
    facts.tokenizer = makeAbsolute(facts.tokenizer, folder);
  return metadata.takeError();
}

/// Says whether a file begins as packages do.
static llvm::Expected<bool> isPackage(llvm::StringRef path) {
  const llvm::StringRef magic = HEED_PACKAGE_MAGIC;
  llvm::Expected<InputFile> file = InputFile::open(path);
  if (!file)
    return file.takeError();
  if (file->size() < magic.size())
    return false;
  llvm::Expected<std::string> start = file->read(0, magic.size());
  if (!start)
    return start.takeError();
  return *start == magic;
}

llvm::Expected<std::unique_ptr<Session>>
openSession(llvm::StringRef path, llvm::StringRef device, int32_t threads) {
  if (device != "auto" && device != "cpu" && device != "reference" &&
      !device.starts_with("cuda"))
    return makeError("found device " + quote(device) +
                     ", wanted auto, cpu, cuda, cuda:N or reference");
  llvm::Expected<bool> package = isPackage(path);
  if (!package)
    return package.takeError();
  if (device != "reference")
    return *package ? openPackage(path, device, threads)
                    : openModule(path, device, threads);
  if (*package)
    return makeError(path + ": found a package, wanted a module: the reference "
                            "runs what is not compiled");
  return openReference(path);
}

} // namespace heed
