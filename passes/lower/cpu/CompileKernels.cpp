//===- CompileKernels.cpp - From kernels to a shared object ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/CompileKernels.h"

#include "passes/lower/cpu/ObjectCode.h"
#include "passes/lower/cpu/Passes.h"
#include "passes/lower/kernel/CopyKernels.h"
#include "passes/lower/kernel/RunPasses.h"

#include "mlir/Conversion/Passes.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/MemRef/Transforms/Passes.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Transforms/Passes.h"

using namespace mlir;

namespace heed {

/// Loops over vectors to the LLVM dialect. The order matters: views become
/// addresses before memory does, and functions come last, with bare pointers.
static void addLowering(OpPassManager &passes) {
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
  passes.addPass(createLoopInvariantCodeMotionPass());
  passes.addPass(createConvertVectorToSCFPass());
  passes.addPass(createSCFToControlFlowPass());
  passes.addPass(memref::createExpandStridedMetadataPass());
  passes.addPass(createLowerAffinePass());
  passes.addPass(createConvertVectorToLLVMPass());
  passes.addPass(createConvertMathToLLVMPass());
  passes.addPass(createFinalizeMemRefToLLVMConversionPass());
  passes.addPass(createArithToLLVMConversionPass());
  passes.addPass(createConvertIndexToLLVMPass());
  passes.addPass(createUBToLLVMConversionPass());
  passes.addPass(createConvertControlFlowToLLVMPass());
  ConvertFuncToLLVMPassOptions bare;
  bare.useBarePtrCallConv = true;
  passes.addPass(createConvertFuncToLLVMPass(bare));
  passes.addPass(createReconcileUnrealizedCastsPass());
  passes.addPass(createCanonicalizerPass());
  passes.addPass(createCSEPass());
}

/// The bodies of the kernels as functions of the LLVM dialect; fills `kernels`.
static llvm::Error lowerKernels(ModuleOp module, const CpuTarget &target,
                                std::vector<CompiledKernel> &kernels) {
  LowerKernelsToCpuPassOptions options;
  options.cpu = target.cpu;
  PassManager toVectors(module.getContext());
  toVectors.addPass(createLowerKernelsToCpuPass(options));
  if (llvm::Error error = runPasses(toVectors, module))
    return error;
  for (auto function : module.getOps<func::FuncOp>()) {
    auto bytes = function->getAttrOfType<IntegerAttr>("heed.scratch_bytes");
    function->removeAttr("heed.scratch_bytes");
    std::string name = function.getSymName().str();
    kernels.push_back({name, name, bytes.getInt()});
  }
  PassManager toLLVM(module.getContext());
  addLowering(toLLVM);
  return runPasses(toLLVM, module);
}

llvm::Expected<KernelImage> compileKernels(ModuleOp module,
                                           const CpuTarget &target) {
  OwningOpRef<ModuleOp> copy = copyKernels(module);
  KernelImage image;
  if (llvm::Error error = lowerKernels(*copy, target, image.kernels))
    return std::move(error);
  std::vector<std::string> names;
  for (const CompiledKernel &kernel : image.kernels)
    names.push_back(kernel.symbol);
  llvm::Expected<llvm::SmallVector<char, 0>> object =
      cpu::emitObject(*copy, names, target.cpu);
  if (!object)
    return object.takeError();
  llvm::Expected<std::vector<char>> elf = cpu::linkImage(*object);
  if (!elf)
    return elf.takeError();
  image.code = std::move(*elf);
  return image;
}

} // namespace heed
