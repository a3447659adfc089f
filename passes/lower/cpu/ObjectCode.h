//===- ObjectCode.h - From LLVM's dialect to an image -----------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The two steps behind MLIR: machine code, and the link. Not for use outside
/// passes/lower/cpu.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_CPU_OBJECTCODE_H
#define HEED_PASSES_LOWER_CPU_OBJECTCODE_H

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/Support/Error.h"

#include <vector>

namespace heed::cpu {

/// Translates `module`, which is all LLVM dialect, and wraps each function NAME
/// that `names` lists as the kernel ABI wants it: the wrapper takes the symbol,
/// unpacks the words of `params`, and calls the function, now internal. Returns
/// an ELF object of position-independent code for the processor `cpu`.
llvm::Expected<llvm::SmallVector<char, 0>>
emitObject(mlir::ModuleOp module, llvm::ArrayRef<std::string> names,
           llvm::StringRef cpu);

/// Links `object`, which `emitObject` made, into a shared object without
/// dependencies. Fails if it leaves a symbol undefined, or if the folder for
/// temporary files cannot be used.
llvm::Expected<std::vector<char>> linkImage(llvm::ArrayRef<char> object);

} // namespace heed::cpu

#endif // HEED_PASSES_LOWER_CPU_OBJECTCODE_H
