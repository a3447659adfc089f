//===- JoinPolicy.h - What belongs to one kernel ----------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one place that decides how a graph is cut into groups.
///
/// - A **root** has weights, state or a loop of its own: embed, gather_tokens,
///   linear, norm, rotary, attention, attention_partial, merge. A group has
///   one.
/// - Behind a root, **elementwise** ops (arith, math) of the root's shape join
///   it in program order as long as a single value leaves the group: a bias, a
///   residual add, an activation and its product with a gate.
/// - A **view** (split_heads, merge_heads) of that value joins last: the kernel
///   stores in the new layout, and nothing is copied.
/// - Elementwise ops that no root takes form groups of their own by the same
///   rule, and so do views, which then copy.
///
/// Ops before a root do not join it; a norm is a kernel of its own. What widens
/// an operand for one op alone joins with that op.
///
/// In prefill on GPUs, a product that a library could compute takes a residual
/// add or a view, nothing else: an activation behind it is a kernel of its own,
/// which reads and writes as much as products that store it in f32 for each
/// other.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_GRAPH_JOINPOLICY_H
#define HEED_PASSES_LOWER_GRAPH_JOINPOLICY_H

#include "dialects/attn/Attn.h"

#include "mlir/IR/Operation.h"

namespace heed {

/// Returns the name of the loop shape of a root ("linear"), or an empty string
/// for an op that is none.
llvm::StringRef getRootKind(mlir::Operation *op);

/// Returns whether `op` is arith or math, element by element, on tensors, or a
/// view.
bool isElementwise(mlir::Operation *op);
bool isHeadView(mlir::Operation *op);

/// Returns whether `op` is copied into the groups that use it: constants,
/// splats, sizes, reads of caches.
bool isCopiedIntoGroups(mlir::Operation *op);

/// What the sizes of a plain product are multiples of.
inline constexpr int64_t productUnit = 8;

/// Returns whether devices may have a library for `op`, if nothing follows it
/// in its group but a residual add or a view: heed-c/Package.h, **Products**.
bool isPlainProduct(attn::LinearOp op);

/// Grows the group that begins with `root` and returns its ops in program
/// order. `isTaken` says whether an op is in a group already. With
/// `keepsProducts`, plain products stay what a library can compute.
llvm::SmallVector<mlir::Operation *>
growGroup(mlir::Operation *root,
          llvm::function_ref<bool(mlir::Operation *)> isTaken,
          bool keepsProducts);

/// Returns the values of `ops` that other ops use.
llvm::SmallVector<mlir::Value>
getLeavingValues(llvm::ArrayRef<mlir::Operation *> ops);

} // namespace heed

#endif // HEED_PASSES_LOWER_GRAPH_JOINPOLICY_H
