//===- ReferenceSession.cpp - Modules on the reference --------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "tools/heed-run/CompilerLibrary.h"
#include "tools/heed-run/Session.h"

namespace heed {
namespace {

class ReferenceSession : public Session {
public:
  explicit ReferenceSession(const CompilerLibrary &library)
      : library(library) {}
  ~ReferenceSession() override { library.destroy(model); }

  llvm::Error open(llvm::StringRef path) {
    facts.file = path.str();
    facts.device = "reference";
    heed_model_info info = {};
    if (llvm::Error error =
            library.check(library.open(facts.file.c_str(), &model)))
      return error;
    if (llvm::Error error = library.check(library.describe(model, &info)))
      return error;
    return readFacts(info, /*folder=*/"");
  }

  llvm::Error makeCache(int64_t sequences, int64_t capacity) override {
    return library.check(library.makeCache(model, sequences, capacity));
  }
  llvm::Error reset() override {
    return library.check(library.reset(model, -1));
  }
  llvm::Error prefill(const heed_step &step) override {
    return library.check(library.prefill(model, &step));
  }
  llvm::Error decode(const heed_step &step) override {
    return library.check(library.decode(model, &step));
  }
  int64_t countCacheBytes() const override { return library.cacheBytes(model); }

private:
  CompilerLibrary library;
  heed_reference *model = nullptr;
};

} // namespace

llvm::Expected<std::unique_ptr<Session>> openReference(llvm::StringRef path) {
  llvm::Expected<CompilerLibrary> library = CompilerLibrary::load();
  if (!library)
    return library.takeError();
  auto session = std::make_unique<ReferenceSession>(*library);
  if (llvm::Error error = session->open(path))
    return std::move(error);
  return session;
}

} // namespace heed
