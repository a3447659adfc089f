//===- TensorEval.h - Meaning of the whitelisted tensor ops -----*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Private to this folder: the functions that UpstreamEval.cpp lists for ops of
/// the upstream `tensor` dialect. Each evaluates one op, or fails after an
/// error at it.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_INTERFACES_TENSOREVAL_H
#define HEED_DIALECTS_INTERFACES_TENSOREVAL_H

#include "dialects/interfaces/EvalInterface.h"

namespace heed {

llvm::LogicalResult evaluateTensorCast(mlir::Operation *op, EvalFrame &frame);
/// Expanding and collapsing of dimensions.
llvm::LogicalResult evaluateReshape(mlir::Operation *op, EvalFrame &frame);
llvm::LogicalResult evaluateConcat(mlir::Operation *op, EvalFrame &frame);
llvm::LogicalResult evaluateDim(mlir::Operation *op, EvalFrame &frame);
llvm::LogicalResult evaluateEmpty(mlir::Operation *op, EvalFrame &frame);
llvm::LogicalResult evaluateExtractSlice(mlir::Operation *op, EvalFrame &frame);
llvm::LogicalResult evaluateFromElements(mlir::Operation *op, EvalFrame &frame);
llvm::LogicalResult evaluateInsertSlice(mlir::Operation *op, EvalFrame &frame);
llvm::LogicalResult evaluateSplat(mlir::Operation *op, EvalFrame &frame);

} // namespace heed

#endif // HEED_DIALECTS_INTERFACES_TENSOREVAL_H
