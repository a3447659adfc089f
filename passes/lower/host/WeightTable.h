//===- WeightTable.h - Where the weights of a package lie -------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Enters `attn.weight` symbols into a package. A weight that lies in a file
/// in one piece and in its own type is referred to; a constant, and what must
/// be converted or cut out, is embedded. A missing or changed file, a key that
/// is not there, another shape, and an initialiser that needs evaluation are
/// errors at the weight.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_HOST_WEIGHTTABLE_H
#define HEED_PASSES_LOWER_HOST_WEIGHTTABLE_H

#include "dialects/attn/Attn.h"
#include "heed/Weights/Safetensors.h"
#include "passes/lower/host/PackageBuilder.h"

#include "mlir/IR/BuiltinOps.h"
#include "llvm/ADT/StringMap.h"

#include <map>

namespace heed {

class WeightTable {
public:
  /// Paths in `module` are relative to `moduleFolder`; those in the package to
  /// `packageFolder`, or absolute if that is empty.
  WeightTable(mlir::ModuleOp module, PackageBuilder &package,
              llvm::StringRef moduleFolder, llvm::StringRef packageFolder)
      : symbols_(module), package_(package), moduleFolder_(moduleFolder),
        packageFolder_(packageFolder) {}

  /// Returns the number of the weight that `use` names, which it enters at the
  /// first time.
  llvm::FailureOr<uint32_t> getNumber(attn::UseOp use);

private:
  struct File {
    SafetensorsFile file;
    uint32_t number;
  };

  llvm::LogicalResult enter(attn::WeightOp weight);
  llvm::LogicalResult enterConstant(attn::WeightOp weight);
  llvm::LogicalResult enterSource(attn::WeightOp weight);
  llvm::FailureOr<File *> getFile(attn::WeightOp weight);
  void enterEmbedded(attn::WeightOp weight, llvm::ArrayRef<char> bytes);

  mlir::SymbolTable symbols_;
  PackageBuilder &package_;
  std::string moduleFolder_, packageFolder_;
  llvm::StringMap<uint32_t> numbers_;
  std::map<std::string, File> files_;
};

/// Returns the element type as the package spells it.
llvm::FailureOr<heed_dtype> getPackageType(mlir::Type element);

} // namespace heed

#endif // HEED_PASSES_LOWER_HOST_WEIGHTTABLE_H
