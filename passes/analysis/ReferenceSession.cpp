//===- ReferenceSession.cpp - The reference behind the C step -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ReferenceSession.h"

#include "heed/Support/Error.h"

using namespace mlir;

namespace heed {

ReferenceSession::ReferenceSession(MLIRContext *context)
    : handler(context, [this](Diagnostic &diagnostic) {
        if (diagnostic.getSeverity() == DiagnosticSeverity::Error &&
            message.empty())
          message = diagnostic.str();
        return success();
      }) {}

llvm::Error ReferenceSession::takeMessage() {
  return makeError(std::exchange(message, ""));
}

llvm::Expected<std::unique_ptr<ReferenceSession>>
ReferenceSession::create(ModuleOp module, StringRef folder) {
  std::unique_ptr<ReferenceSession> session(
      new ReferenceSession(module.getContext()));
  FailureOr<std::unique_ptr<ReferenceModel>> model =
      ReferenceModel::create(module, folder);
  if (failed(model))
    return session->takeMessage();
  session->model = std::move(*model);
  return session;
}

llvm::Error ReferenceSession::makeCache(int64_t slots, int64_t capacity) {
  FailureOr<ReferenceCache> made = model->createCache(slots, capacity);
  if (failed(made))
    return takeMessage();
  cache.emplace(std::move(*made));
  return llvm::Error::success();
}

/// Returns what a C array holds; nothing for null.
static ArrayRef<int32_t> view(const int32_t *data, int64_t size) {
  return data && size > 0 ? ArrayRef(data, size) : ArrayRef<int32_t>();
}

llvm::Error ReferenceSession::run(EvalPhase phase, const heed_step &step) {
  ReferenceStep views;
  views.batch = step.batch;
  views.tokens = step.tokens;
  views.rows = step.rows;
  views.ids = view(step.ids, step.batch * step.tokens);
  views.positions = view(step.positions, step.batch * step.tokens);
  views.rowIndex = view(step.row_index, step.batch * step.rows);
  views.slots = view(step.slots, step.batch);
  FailureOr<reference::Tensor> logits = model->run(phase, *cache, views);
  if (failed(logits))
    return takeMessage();
  std::copy(logits->data.begin(), logits->data.end(), step.logits);
  return llvm::Error::success();
}

} // namespace heed
