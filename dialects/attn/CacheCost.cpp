//===- CacheCost.cpp - Bytes of caches ------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Attn.h"

using namespace mlir;

namespace heed::attn {

static CacheFieldShape::Rate convert(CacheRate rate) {
  switch (rate) {
  case CacheRate::Token:
    return CacheFieldShape::Rate::Token;
  case CacheRate::Ring:
    return CacheFieldShape::Rate::Ring;
  case CacheRate::Every:
    return CacheFieldShape::Rate::Every;
  case CacheRate::Sequence:
    return CacheFieldShape::Rate::Sequence;
  }
  llvm_unreachable("no such rate");
}

SmallVector<CacheFieldShape> getFieldShapes(CacheType type) {
  SmallVector<CacheFieldShape> shapes;
  for (const CacheField &field : type.getFields()) {
    CacheFieldShape &shape = shapes.emplace_back();
    shape.rate = convert(field.rate);
    int64_t bits = field.getElementType().getIntOrFloatBitWidth();
    shape.entryBytes = field.entry.getNumElements() * ((bits + 7) / 8);
    shape.window = field.window;
    shape.sinks = field.sinks;
    shape.period = std::max<int64_t>(field.period, 1);
    shape.untilDecode = field.untilDecode;
  }
  return shapes;
}

} // namespace heed::attn
