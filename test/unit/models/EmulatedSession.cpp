//===- EmulatedSession.cpp - Running a model on an emulated GPU -----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Session.h"

#include "heed/Support/Error.h"
#include "passes/pipelines/Compile.h"
#include "test/unit/models/EmulatedModel.h"

using namespace mlir;

namespace heed {
namespace {

class EmulatedSession : public Session {
public:
  explicit EmulatedSession(bool hasLibrary) : model(hasLibrary) {}

  llvm::Error open(llvm::ArrayRef<char> package, int64_t slots,
                   int64_t capacity) {
    return check(model.open(package.data(), package.size(), slots, capacity));
  }
  int64_t vocabulary() const override { return model.vocabulary(); }
  llvm::Error prefill(const heed_step &step) override {
    return check(model.prefill(step));
  }
  llvm::Error decode(const heed_step &step) override {
    return check(model.decode(step));
  }
  llvm::Error reset() override { return check(model.reset()); }
  llvm::Error trim(int64_t slot, int64_t tokens) override {
    return check(model.trim(slot, tokens));
  }
  llvm::Error fork(int64_t from, int64_t to) override {
    return check(model.fork(from, to));
  }
  int64_t cacheBytes() const override { return model.cacheBytes(); }
  int64_t countProducts() const override { return model.countProducts(); }

private:
  static llvm::Error check(const std::string &problem) {
    return problem.empty() ? llvm::Error::success() : makeError(problem);
  }

  EmulatedModel model;
};

} // namespace

llvm::Expected<std::unique_ptr<Session>>
openEmulatedSession(ModuleOp module, llvm::StringRef folder, int64_t slots,
                    int64_t capacity, bool hasLibrary) {
  CompileOptions options;
  options.moduleFolder = folder.str();
  options.target = "sm_90a";
  options.assemble = false;
  llvm::Expected<std::vector<char>> package = compileModule(module, options);
  if (!package)
    return package.takeError();
  auto session = std::make_unique<EmulatedSession>(hasLibrary);
  if (llvm::Error error = session->open(*package, slots, capacity))
    return std::move(error);
  return std::unique_ptr<Session>(std::move(session));
}

} // namespace heed
