//===- ReferenceModel.h - Run a model without compiling it ------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Runs a module on the reference, as heed-c/Runtime.h runs a package: same
/// entries, same step, same rules for positions, rows and slots. `@step` needs
/// no specialisation: `in_phase` answers by the entry that is called.
///
///     auto model = ReferenceModel::create(module, getModuleFolder(module));
///     FailureOr<ReferenceCache> cache = (*model)->createCache(1, 1024);
///     ReferenceStep step;
///     step.ids = ids;   // B = 1, N = 3, logits of the last token
///     step.tokens = 3;
///     FailureOr<reference::Tensor> logits =
///         (*model)->run(EvalPhase::Prefill, *cache, step);
///
/// Errors are diagnostics. A step that fails leaves the cache as it was.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_ANALYSIS_REFERENCEMODEL_H
#define HEED_PASSES_ANALYSIS_REFERENCEMODEL_H

#include "passes/analysis/ReferenceCache.h"
#include "passes/analysis/WeightStore.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

#include <memory>

namespace heed {

/// N new tokens for each of B sequences; see heed_step for the rules. What is
/// empty is null there.
struct ReferenceStep {
  int64_t batch = 1;
  int64_t tokens = 1;
  int64_t rows = 1;
  llvm::ArrayRef<int32_t> ids;
  llvm::ArrayRef<int32_t> positions;
  llvm::ArrayRef<int32_t> rowIndex;
  llvm::ArrayRef<int32_t> slots;
};

/// Belongs to one thread. The module must outlive it and stay as it is.
class ReferenceModel {
public:
  /// Takes a module with `@step`, or with `@prefill` and `@decode`; weight
  /// files are relative to `folder`.
  static mlir::FailureOr<std::unique_ptr<ReferenceModel>>
  create(mlir::ModuleOp module, llvm::StringRef folder);

  /// Ids lie in [0, vocabulary).
  int64_t getVocabulary() const { return vocabulary; }
  /// Returns the most positions; 0: no limit.
  int64_t getContext() const { return limit; }
  /// Returns the weights, to look at or to set.
  WeightStore &getWeights() { return weights; }
  /// Sets who takes what observers see.
  void setObserver(decltype(EvalContext::observe) observe) {
    context.observe = std::move(observe);
  }

  mlir::FailureOr<ReferenceCache> createCache(int64_t slots, int64_t capacity);

  /// Runs a step and returns the logits, B x R x vocabulary.
  mlir::FailureOr<reference::Tensor> run(EvalPhase phase, ReferenceCache &cache,
                                         const ReferenceStep &step);

private:
  struct Inputs;

  ReferenceModel(mlir::ModuleOp module, llvm::StringRef folder);
  llvm::LogicalResult findEntry(llvm::StringRef name,
                                mlir::func::FuncOp &entry);
  llvm::LogicalResult readLimits();
  llvm::Error checkStep(EvalPhase phase, const ReferenceCache &cache,
                        const ReferenceStep &step) const;
  llvm::Error readStep(EvalPhase phase, const ReferenceCache &cache,
                       const ReferenceStep &step, Inputs &inputs) const;
  llvm::Error readSequence(int64_t sequence, const ReferenceCache &cache,
                           const ReferenceStep &step, Inputs &inputs) const;
  llvm::LogicalResult commit(EvalPhase phase, ReferenceCache &cache,
                             const Inputs &inputs,
                             llvm::ArrayRef<EvalValue> results);

  mlir::ModuleOp module;
  WeightStore weights;
  EvalContext context;
  mlir::func::FuncOp prefill, decode;
  llvm::SmallVector<attn::CacheType> cacheTypes;
  int64_t vocabulary = 0, limit = 0;
};

} // namespace heed

#endif // HEED_PASSES_ANALYSIS_REFERENCEMODEL_H
