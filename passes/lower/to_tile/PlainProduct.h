//===- PlainProduct.h - Groups that a library computes ----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Recognises groups of prefill that are a product and nothing else, as
/// heed-c/Package.h, **Products**, has them.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_TO_TILE_PLAINPRODUCT_H
#define HEED_PASSES_LOWER_TO_TILE_PLAINPRODUCT_H

#include "dialects/attn/Attn.h"
#include "passes/lower/Launch.h"

#include <optional>

namespace heed {

/// Returns what the arguments of `group`, whose root is `op`, are in a product;
/// nothing if a library cannot compute the whole group.
std::optional<LaunchProduct> findProduct(mlir::func::FuncOp group,
                                         attn::LinearOp op);

} // namespace heed

#endif // HEED_PASSES_LOWER_TO_TILE_PLAINPRODUCT_H
