//===- LowerKernels.cpp - Turn kernels into loops over vectors ------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/Passes.h"

#include "passes/lower/cpu/KernelEmitter.h"
#include "passes/lower/kernel/CheckKernel.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/MemRef/IR/MemRef.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Vector/IR/VectorOps.h"

using namespace mlir;

namespace heed {

#define GEN_PASS_DEF_LOWERKERNELSTOCPUPASS
#include "passes/lower/cpu/Passes.h.inc"

/// The block sizes for `cpu`: those that keep all accumulators in registers.
static FailureOr<cpu::VectorUnit> unitOf(StringRef name) {
  if (name == "x86-64-v4")
    return cpu::VectorUnit{16, 16, 4};
  if (name == "x86-64-v3")
    return cpu::VectorUnit{8, 10, 2};
  return failure();
}

/// Refuses a kernel whose programs have parts, which only GPUs want.
static LogicalResult checkWhole(tile::KernelOp kernel) {
  WalkResult walk = kernel.walk([](tile::FinishOp op) {
    op.emitError("found on a CPU, wanted kernels that heed-split-kernels has "
                 "not divided");
    return WalkResult::interrupt();
  });
  return failure(walk.wasInterrupted());
}

namespace {

struct LowerKernelsToCpu : impl::LowerKernelsToCpuPassBase<LowerKernelsToCpu> {
  using LowerKernelsToCpuPassBase::LowerKernelsToCpuPassBase;

  void runOnOperation() override {
    ModuleOp module = getOperation();
    FailureOr<heed::cpu::VectorUnit> unit = unitOf(cpu);
    if (failed(unit)) {
      module.emitError("expects the processor x86-64-v3 or x86-64-v4, got ")
          << cpu;
      return signalPassFailure();
    }
    for (auto kernel :
         llvm::make_early_inc_range(module.getOps<tile::KernelOp>())) {
      // One thread computes all steps of a stream, in order.
      kernel.walk([](tile::StreamOp stream) { stream.dropCombine(); });
      if (failed(checkKernel(kernel)) || failed(checkWhole(kernel)))
        return signalPassFailure();
      heed::cpu::KernelEmitter emitter(kernel, *unit);
      func::FuncOp function = emitter.emit(module);
      function->setAttr(
          "heed.scratch_bytes",
          OpBuilder(module).getI64IntegerAttr(emitter.getScratchBytes()));
      kernel.erase();
    }
  }
};

} // namespace
} // namespace heed
