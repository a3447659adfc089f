//===- EvalInterface.h - Ops that the reference runs ------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Evaluates IR on the reference (heed/Reference): ops that implement
/// EvalInterface, and the upstream ops listed in UpstreamEval.cpp. Everything
/// else is refused by name. Scalars are tensors of rank 0.
///
///     heed::EvalContext context;
///     context.weights = ...;
///     heed::EvalFrame frame(context);
///     llvm::SmallVector<heed::EvalValue> results;
///     if (failed(frame.run(function.front(), arguments, results))) ...
///
/// Errors are diagnostics at the op that ran into them.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_INTERFACES_EVALINTERFACE_H
#define HEED_DIALECTS_INTERFACES_EVALINTERFACE_H

#include "heed/Reference/Cache.h"
#include "heed/Reference/Tensor.h"

#include "mlir/IR/OpDefinition.h"
#include "llvm/ADT/DenseMap.h"
#include "llvm/ADT/SmallVector.h"

#include <functional>
#include <variant>

namespace heed {

/// Which entry of the model runs.
enum class EvalPhase { Prefill, Decode };

/// What an SSA value stands for.
using EvalValue = std::variant<reference::TensorRef, reference::CacheValue>;

/// What one evaluation needs from outside. Outlives the frames that use it.
struct EvalContext {
  EvalPhase phase = EvalPhase::Prefill;
  /// Returns the value of a weight; emits an error at `user` if it has none.
  std::function<mlir::FailureOr<reference::TensorRef>(mlir::Operation *user,
                                                      llvm::StringRef name)>
      weights;
  /// Takes what an observer sees; null where nobody asks.
  std::function<void(llvm::StringRef name, llvm::StringRef statistic,
                     llvm::ArrayRef<reference::TensorRef> values)>
      observe;
};

/// The values of one running function or region, those around it included.
class EvalFrame {
public:
  explicit EvalFrame(const EvalContext &context) : context(context) {}

  const EvalContext &getContext() const { return context; }

  /// Returns what was set. REQUIRES: it was, and is of that kind.
  const EvalValue &get(mlir::Value value) const;
  const reference::Tensor &tensor(mlir::Value value) const;
  /// The same for an operand that may be missing: then null.
  const reference::Tensor *optional(mlir::Value value) const;
  const reference::CacheValue &cache(mlir::Value value) const;

  void set(mlir::Value value, EvalValue content);
  void set(mlir::Value value, reference::Tensor tensor);

  /// Runs a block with these arguments and returns what its terminator passes
  /// on. Fails after an error at an op.
  llvm::LogicalResult run(mlir::Block &block, llvm::ArrayRef<EvalValue> args,
                          llvm::SmallVectorImpl<EvalValue> &results);

private:
  const EvalContext &context;
  llvm::DenseMap<mlir::Value, EvalValue> values;
};

/// Evaluates one op. Fails after an error at the op.
llvm::LogicalResult evaluateOp(mlir::Operation *op, EvalFrame &frame);

/// Says whether evaluateOp knows the op, or it ends a block that `run` runs.
bool isEvaluable(mlir::Operation *op);

/// Returns the element type of a tensor or scalar type, nothing for types that
/// the reference does not hold.
std::optional<reference::Element> getElement(mlir::Type type);

/// Reads a constant. Fails, without an error, for what is no dense one.
mlir::FailureOr<reference::Tensor> readConstant(mlir::Attribute value);

/// Evaluates an upstream op of the table; `known` says whether it is there.
llvm::LogicalResult evaluateUpstream(mlir::Operation *op, EvalFrame &frame,
                                     bool &known);
/// Says whether the table has ops of that name.
bool isUpstreamEvaluable(llvm::StringRef name);

} // namespace heed

#include "dialects/interfaces/EvalInterface.h.inc"

#endif // HEED_DIALECTS_INTERFACES_EVALINTERFACE_H
