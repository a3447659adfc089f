//===- ReferenceSession.cpp - Running a model on the reference ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Session.h"

#include "heed/Support/Error.h"
#include "passes/analysis/ReferenceModel.h"

#include "mlir/IR/Diagnostics.h"

using namespace mlir;

namespace heed {
namespace {

class ReferenceSession : public Session {
public:
  /// Diagnostics of the context become errors as long as this lives.
  explicit ReferenceSession(ModuleOp module)
      : handler(module.getContext(), [this](Diagnostic &diagnostic) {
          if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
              message.empty())
            message = diagnostic.str();
          return success();
        }) {}

  llvm::Error open(ModuleOp module, StringRef folder, int64_t slots,
                   int64_t capacity) {
    FailureOr<std::unique_ptr<ReferenceModel>> created =
        ReferenceModel::create(module, folder);
    if (failed(created))
      return takeMessage();
    model = std::move(*created);
    FailureOr<ReferenceCache> made = model->createCache(slots, capacity);
    if (failed(made))
      return takeMessage();
    cache.emplace(std::move(*made));
    return llvm::Error::success();
  }

  int64_t vocabulary() const override { return model->getVocabulary(); }
  llvm::Error prefill(const heed_step &step) override {
    return run(EvalPhase::Prefill, step);
  }
  llvm::Error decode(const heed_step &step) override {
    return run(EvalPhase::Decode, step);
  }
  llvm::Error reset() override { return cache->reset(-1); }
  llvm::Error trim(int64_t slot, int64_t tokens) override {
    return cache->trim(slot, tokens);
  }
  llvm::Error fork(int64_t from, int64_t to) override {
    return cache->fork(from, to);
  }
  int64_t cacheBytes() const override { return cache->countBytes(); }

private:
  llvm::Error takeMessage() { return makeError(std::exchange(message, "")); }

  llvm::Error run(EvalPhase phase, const heed_step &c) {
    auto list = [](const int32_t *data, int64_t size) {
      return data ? ArrayRef(data, size) : ArrayRef<int32_t>();
    };
    ReferenceStep step;
    step.batch = c.batch;
    step.tokens = c.tokens;
    step.rows = c.rows;
    step.ids = list(c.ids, c.batch * c.tokens);
    step.positions = list(c.positions, c.batch * c.tokens);
    step.rowIndex = list(c.row_index, c.batch * c.rows);
    step.slots = list(c.slots, c.batch);
    FailureOr<reference::Tensor> logits = model->run(phase, *cache, step);
    if (failed(logits))
      return takeMessage();
    std::copy(logits->data.begin(), logits->data.end(), c.logits);
    return llvm::Error::success();
  }

  std::string message;
  ScopedDiagnosticHandler handler;
  std::unique_ptr<ReferenceModel> model;
  std::optional<ReferenceCache> cache;
};

} // namespace

llvm::Expected<std::unique_ptr<Session>>
openReferenceSession(ModuleOp module, StringRef folder, int64_t slots,
                     int64_t capacity) {
  auto session = std::make_unique<ReferenceSession>(module);
  if (llvm::Error error = session->open(module, folder, slots, capacity))
    return std::move(error);
  return std::unique_ptr<Session>(std::move(session));
}

} // namespace heed
