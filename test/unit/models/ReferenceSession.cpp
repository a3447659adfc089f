//===- ReferenceSession.cpp - Running a model on the reference ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/analysis/ReferenceSession.h"
#include "test/unit/models/Session.h"

using namespace mlir;

namespace heed {
namespace {

class EvaluatedSession : public Session {
public:
  explicit EvaluatedSession(std::unique_ptr<ReferenceSession> session)
      : session(std::move(session)) {}

  int64_t vocabulary() const override {
    return session->getModel().getVocabulary();
  }
  llvm::Error prefill(const heed_step &step) override {
    return session->run(EvalPhase::Prefill, step);
  }
  llvm::Error decode(const heed_step &step) override {
    return session->run(EvalPhase::Decode, step);
  }
  llvm::Error reset() override { return session->getCache().reset(-1); }
  llvm::Error trim(int64_t slot, int64_t tokens) override {
    return session->getCache().trim(slot, tokens);
  }
  llvm::Error fork(int64_t from, int64_t to) override {
    return session->getCache().fork(from, to);
  }
  int64_t cacheBytes() const override {
    return session->getCache().countBytes();
  }

private:
  std::unique_ptr<ReferenceSession> session;
};

} // namespace

llvm::Expected<std::unique_ptr<Session>>
openReferenceSession(ModuleOp module, StringRef folder, int64_t slots,
                     int64_t capacity) {
  auto session = ReferenceSession::create(module, folder);
  if (!session)
    return session.takeError();
  if (llvm::Error error = (*session)->makeCache(slots, capacity))
    return std::move(error);
  return std::unique_ptr<Session>(
      std::make_unique<EvaluatedSession>(std::move(*session)));
}

} // namespace heed
