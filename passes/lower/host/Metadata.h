//===- Metadata.h - Attributes as JSON --------------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_HOST_METADATA_H
#define HEED_PASSES_LOWER_HOST_METADATA_H

#include "mlir/IR/BuiltinOps.h"

#include <string>

namespace heed {

/// Returns `{"model": ..., "rewrites": ...}`: the module attributes
/// `attn.model` and `attn.rewrites` as JSON text. Attributes that JSON cannot
/// say appear as the text of the IR. The file that `attn.model` names as its
/// `tokenizer` is spelled by `relocate`; "bytes" is no file.
std::string
makeMetadata(mlir::ModuleOp module,
             llvm::function_ref<std::string(llvm::StringRef)> relocate);

} // namespace heed

#endif // HEED_PASSES_LOWER_HOST_METADATA_H
