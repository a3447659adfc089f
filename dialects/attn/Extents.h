//===- Extents.h - Sizes that must agree ------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// What the verifiers of the dialect share.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_EXTENTS_H
#define HEED_DIALECTS_ATTN_EXTENTS_H

#include "mlir/IR/Operation.h"

namespace heed::attn {

/// A size found in the IR, and whose it is.
struct Extent {
  llvm::StringRef owner;
  int64_t size;
};

/// Checks that all `extents` can be the same; a dynamic one equals anything.
llvm::LogicalResult agree(mlir::Operation *op, llvm::StringRef what,
                          llvm::ArrayRef<Extent> extents);

/// Checks that a size is known.
llvm::LogicalResult beStatic(mlir::Operation *op, llvm::StringRef what,
                             int64_t size);

/// A type found in the IR, and whose it is.
struct OwnedType {
  llvm::StringRef owner;
  mlir::Type type;
};

/// Checks that the element types of all `types` are the same.
llvm::LogicalResult agreeOnElements(mlir::Operation *op,
                                    llvm::ArrayRef<OwnedType> types);

/// Checks that `found` and `wanted` are the same types in the same order;
/// `what` names what the found ones belong to ("block arguments").
llvm::LogicalResult matchTypes(mlir::Operation *op, llvm::StringRef what,
                               mlir::TypeRange found, mlir::TypeRange wanted);

} // namespace heed::attn

#endif // HEED_DIALECTS_ATTN_EXTENTS_H
