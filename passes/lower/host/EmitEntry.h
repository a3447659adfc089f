//===- EmitEntry.h - A phase function as commands ---------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// Writes one entry of a package. Not for use outside passes/lower/host.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_PASSES_LOWER_HOST_EMITENTRY_H
#define HEED_PASSES_LOWER_HOST_EMITENTRY_H

#include "passes/lower/Launch.h"
#include "passes/lower/host/PackageBuilder.h"
#include "passes/lower/host/WeightTable.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"

namespace heed {

class EntryEmitter {
public:
  /// `kernels` has the number of each kernel by the name of its op.
  EntryEmitter(mlir::ModuleOp module, PackageBuilder &package,
               WeightTable &weights, const llvm::StringMap<uint32_t> &kernels)
      : symbols_(module), package_(package), weights_(weights),
        kernels_(kernels) {}

  llvm::LogicalResult emit(mlir::func::FuncOp phase);

private:
  llvm::LogicalResult emitCall(mlir::func::CallOp call);
  llvm::LogicalResult emitLaunch(mlir::func::CallOp call, const Launch &launch);
  llvm::LogicalResult emitProduct(mlir::func::CallOp call,
                                  const LaunchProduct &product);
  llvm::LogicalResult emitAppend(attn::CacheAppendOp append);
  llvm::LogicalResult emitGrid(mlir::func::CallOp call, const Launch &launch,
                               heed_package_command &command);
  uint32_t makeWorkspace(int64_t elements);
  void growWorkspace(const heed_package_command &command);
  llvm::LogicalResult checkReturn(mlir::func::ReturnOp op);

  llvm::FailureOr<uint32_t> makeOperand(mlir::func::CallOp call,
                                        const LaunchWord &word);
  llvm::FailureOr<uint32_t> makeValueOperand(mlir::Value value);
  uint32_t makeSizeOperand(llvm::StringRef tokens) const;
  llvm::FailureOr<uint32_t> makeBuffer(mlir::Value value,
                                       llvm::StringRef tokens);
  void touch(uint32_t operand);
  void addOperands(heed_package_command &command,
                   llvm::ArrayRef<uint32_t> operands);
  heed_package_command &addCommand(heed_opcode opcode);

  mlir::SymbolTable symbols_;
  PackageBuilder &package_;
  WeightTable &weights_;
  const llvm::StringMap<uint32_t> &kernels_;
  mlir::Value logits_;
  /// Where each value is, and whether its tokens are N or R.
  llvm::DenseMap<mlir::Value, uint32_t> places_;
  llvm::DenseMap<mlir::Value, llvm::StringRef> tokens_;
  /// Numbers of caches, for every handle.
  llvm::DenseMap<mlir::Value, uint32_t> caches_;
  uint32_t firstCommand_ = 0, firstBuffer_ = 0;
  /// That of the call being emitted, once it has one.
  std::optional<uint32_t> workspace_;
};

} // namespace heed

#endif // HEED_PASSES_LOWER_HOST_EMITENTRY_H
