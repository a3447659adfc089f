//===- CacheOps.cpp - Reading and appending to caches ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"
#include "dialects/attn/Extents.h"

using namespace mlir;
using namespace heed::attn;

/// Checks (C1) of both ops: one rate for all fields, `token` or `ring`.
static LogicalResult verifyRates(Operation *op, CacheType cache) {
  const CacheField &first = cache.getFields().front();
  for (const CacheField &field : cache.getFields()) {
    if (field.rate != CacheRate::Token && field.rate != CacheRate::Ring)
      return op->emitOpError("expects fields of rate token or ring, got field ")
             << field.name << " of another";
    if (field.rate != first.rate || field.window != first.window ||
        field.sinks != first.sinks || field.untilDecode != first.untilDecode)
      return op->emitOpError("expects one rate for all fields, got others for ")
             << first.name << " and " << field.name;
  }
  return success();
}

/// Returns the types of the contents of all fields.
static SmallVector<Type> getContentTypes(CacheType cache) {
  return llvm::map_to_vector(cache.getFields(), [](const CacheField &field) {
    return Type(field.getContentType());
  });
}

LogicalResult CacheReadOp::verify() {
  CacheType cache = getCache().getType();
  // (C1)
  if (failed(verifyRates(*this, cache)))
    return failure();
  // (C2)
  SmallVector<Type> wanted = getContentTypes(cache);
  constexpr int64_t any = ShapedType::kDynamic;
  wanted.push_back(
      RankedTensorType::get({any, any}, IntegerType::get(getContext(), 32)));
  return matchTypes(*this, "results", getResultTypes(), wanted);
}

LogicalResult CacheAppendOp::verify() {
  CacheType cache = getCache().getType();
  // (C1)
  if (failed(verifyRates(*this, cache)))
    return failure();
  // (C2), the type of the positions and (C3) follow from the traits.
  return matchTypes(*this, "values", getValues().getTypes(),
                    getContentTypes(cache));
}
