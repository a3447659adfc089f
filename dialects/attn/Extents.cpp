//===- Extents.cpp - Sizes that must agree --------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/attn/Extents.h"

#include "mlir/IR/BuiltinTypes.h"
#include "mlir/IR/TypeUtilities.h"

using namespace mlir;

namespace heed::attn {

LogicalResult agree(Operation *op, StringRef what, ArrayRef<Extent> extents) {
  const Extent *first = nullptr;
  for (const Extent &extent : extents) {
    if (ShapedType::isDynamic(extent.size))
      continue;
    if (!first)
      first = &extent;
    if (first->size != extent.size)
      return op->emitOpError("expects one ")
             << what << ", got " << first->size << " in " << first->owner
             << " and " << extent.size << " in " << extent.owner;
  }
  return success();
}

LogicalResult beStatic(Operation *op, StringRef what, int64_t size) {
  if (ShapedType::isStatic(size))
    return success();
  return op->emitOpError("expects a static ") << what << ", got a dynamic one";
}

LogicalResult agreeOnElements(Operation *op, ArrayRef<OwnedType> types) {
  Type first = getElementTypeOrSelf(types.front().type);
  for (const OwnedType &type : types.drop_front())
    if (Type other = getElementTypeOrSelf(type.type); other != first)
      return op->emitOpError("expects one element type, got ")
             << first << " in " << types.front().owner << " and " << other
             << " in " << type.owner;
  return success();
}

LogicalResult matchTypes(Operation *op, StringRef what, TypeRange found,
                         TypeRange wanted) {
  if (found.size() != wanted.size())
    return op->emitOpError("expects ")
           << wanted.size() << " " << what << ", got " << found.size();
  for (auto [index, pair] : llvm::enumerate(llvm::zip_equal(found, wanted)))
    if (std::get<0>(pair) != std::get<1>(pair))
      return op->emitOpError("expects type ")
             << std::get<1>(pair) << " for number " << index << " of the "
             << what << ", got " << std::get<0>(pair);
  return success();
}

} // namespace heed::attn
