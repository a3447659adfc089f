//===- Attn.h - The attn dialect --------------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The one header for users of the graph dialect: its types, attributes and
/// ops. What each op means stands in its record (`*Ops.td` beside this file),
/// what the dialect is for in Rationale.md.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_DIALECTS_ATTN_ATTN_H
#define HEED_DIALECTS_ATTN_ATTN_H

#include "dialects/interfaces/CostInterface.h"
#include "dialects/interfaces/EvalInterface.h"
#include "heed/Cost/CacheCost.h"
#include "heed/Reference/AttentionMask.h"
#include "heed/Reference/Cache.h"

#include "mlir/Bytecode/BytecodeOpInterface.h"
#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/IR/Builders.h"
#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/Dialect.h"
#include "mlir/IR/OpDefinition.h"
#include "mlir/IR/SymbolTable.h"
#include "mlir/Interfaces/ControlFlowInterfaces.h"
#include "mlir/Interfaces/InferTypeOpInterface.h"
#include "mlir/Interfaces/SideEffectInterfaces.h"

#include <optional>

namespace heed::attn {

/// How often a field of a cache takes an entry.
enum class CacheRate { Token, Ring, Every, Sequence };

/// One field of a cache type. Owned by the context, like all parts of types.
struct CacheField {
  mlir::StringAttr name;
  CacheRate rate = CacheRate::Token;
  int64_t window = 0; ///< Of a ring: last tokens it holds, beside the sinks.
  int64_t sinks = 0;  ///< Of a ring: first tokens kept for good.
  int64_t period = 0; ///< Of every(n): n.
  bool untilDecode = false;
  /// Shape and element type of one entry: heads x width unless the rate is
  /// Sequence.
  mlir::RankedTensorType entry;

  int64_t getHeads() const { return entry.getDimSize(0); }
  int64_t getWidth() const { return entry.getDimSize(entry.getRank() - 1); }
  mlir::Type getElementType() const { return entry.getElementType(); }
  /// Returns `? x heads x ? x width`, the type of this field's contents and of
  /// what is appended to it. Only for fields of heads x width.
  mlir::RankedTensorType getContentType() const;

  bool operator==(const CacheField &other) const;
};
llvm::hash_code hash_value(const CacheField &field);

class CacheType;

/// Returns what the reference needs to know of a cache: fields of one rate,
/// `token` or `ring`. Fails, without an error, for others.
mlir::FailureOr<reference::CacheLayout> getCacheLayout(CacheType type);

/// Returns what the bytes of a cache depend on, field by field; for
/// countCacheBytes (heed/Cost/CacheCost.h).
llvm::SmallVector<CacheFieldShape> getFieldShapes(CacheType type);

} // namespace heed::attn

#include "dialects/attn/AttnDialect.h.inc"
#include "dialects/attn/AttnEnums.h.inc"

#define GET_ATTRDEF_CLASSES
#include "dialects/attn/AttnAttrs.h.inc"

#define GET_TYPEDEF_CLASSES
#include "dialects/attn/AttnTypes.h.inc"

#define GET_OP_CLASSES
#include "dialects/attn/AttnOps.h.inc"

#endif // HEED_DIALECTS_ATTN_ATTN_H
