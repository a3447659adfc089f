//===- Model.h - What rewrites see of a model -------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A view of `@step` by layers, and the one change of types that rewrites need.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_FRAMEWORK_MODEL_H
#define HEED_PASSES_FRAMEWORK_MODEL_H

#include "dialects/attn/Attn.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/IR/BuiltinOps.h"

#include <functional>

namespace heed {

/// The layers of a module's `@step`, in the order in which they run. A view:
/// it owns nothing and is made anew for every rewrite.
class Model {
public:
  /// Finds `@step`. Fails with an error at the module if there is none, or if
  /// two layers have one index.
  static mlir::FailureOr<Model> create(mlir::ModuleOp module);

  mlir::ModuleOp getModule() const { return module; }
  mlir::func::FuncOp getStep() const { return step; }
  llvm::ArrayRef<attn::LayerOp> getLayers() const { return layers; }

  /// Returns the most positions a sequence may have; 0 if there is no limit.
  int64_t getContext() const;

private:
  Model(mlir::ModuleOp module, mlir::func::FuncOp step)
      : module(module), step(step) {}

  mlir::ModuleOp module;
  mlir::func::FuncOp step;
  llvm::SmallVector<attn::LayerOp> layers;
};

/// Returns the caches among the operands of `layer`.
llvm::SmallVector<mlir::Value> getCaches(attn::LayerOp layer);

/// Returns the value that the handle `cache` began as: the argument of `@step`,
/// behind layers, skips and appends.
mlir::Value getHandle(mlir::Value cache);

/// Changes the fields of the handle that `cache` belongs to, from the argument
/// of `@step` through layers, skips and appends to what `@step` returns. Types
/// of reads stay: rates do not show in them.
void changeFields(mlir::Value cache,
                  const std::function<void(attn::CacheField &)> &change);

} // namespace heed

#endif // HEED_PASSES_FRAMEWORK_MODEL_H
