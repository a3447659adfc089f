//===- DeviceCode.cpp - From LLVM's dialect to PTX ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/DeviceCode.h"

#include "passes/lower/kernel/BackEnd.h"

#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/Module.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"

using namespace llvm;

namespace heed::nvgpu {

/// Makes a kernel of the function `entry` names.
static void makeKernel(Module &code, const EntryPoint &entry) {
  Function *function = code.getFunction(entry.symbol);
  LLVMContext &context = code.getContext();
  function->setCallingConv(CallingConv::PTX_Kernel);
  function->addFnAttr(Attribute::NoUnwind);
  function->addFnAttr("nvvm.reqntid", std::to_string(entry.threads) + ",1,1");
  // A kernel without arguments never reads its words.
  int64_t count = std::max<int64_t>(1, entry.words);
  Align alignment(8);
  if (entry.maps == 0) {
    function->addFnAttr("nvvm.maxnreg", "255");
  } else {
    // Registers move between warp groups; one block is all of its processor's.
    function->addFnAttr("nvvm.minctasm", "1");
    function->addParamAttr(0, Attribute::get(context, "nvvm.grid_constant"));
    alignment = Align(64);
    count = alignTo(count, 8) + 16 * entry.maps;
  }
  Type *words = ArrayType::get(Type::getInt64Ty(context), count);
  function->addParamAttr(0, Attribute::getWithByValType(context, words));
  function->addParamAttr(0, Attribute::getWithAlignment(context, alignment));
}

/// Cleans up: the emitter repeats address arithmetic and keeps all of a tile.
static void optimize(Module &code, TargetMachine &machine) {
  PipelineTuningOptions tuning;
  // The emitter has unrolled what it wants unrolled.
  tuning.LoopUnrolling = false;
  tuning.LoopVectorization = false;
  tuning.SLPVectorization = false;
  PassBuilder builder(&machine, tuning);
  LoopAnalysisManager loops;
  FunctionAnalysisManager functions;
  CGSCCAnalysisManager components;
  ModuleAnalysisManager modules;
  builder.registerModuleAnalyses(modules);
  builder.registerCGSCCAnalyses(components);
  builder.registerFunctionAnalyses(functions);
  builder.registerLoopAnalyses(loops);
  builder.crossRegisterProxies(loops, functions, components, modules);
  builder.buildPerModuleDefaultPipeline(OptimizationLevel::O2)
      .run(code, modules);
  // The assembler shall not unroll either: it would spend registers on it.
  for (Function &function : code)
    if (!function.isDeclaration())
      for (Loop *loop :
           functions.getResult<LoopAnalysis>(function).getLoopsInPreorder())
        loop->setLoopAlreadyUnrolled();
}

Expected<std::string> emitPtx(mlir::ModuleOp module,
                              ArrayRef<EntryPoint> entries, StringRef arch) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  auto prepare = [&](Module &code) {
    for (const EntryPoint &entry : entries)
      makeKernel(code, entry);
  };
  BackEnd backEnd;
  backEnd.triple = "nvptx64-nvidia-cuda";
  backEnd.processor = arch.str();
  backEnd.features = "+ptx80";
  backEnd.isText = true;
  backEnd.prepare = prepare;
  backEnd.optimize = optimize;
  Expected<SmallVector<char, 0>> text = emitCode(module, backEnd);
  if (!text)
    return text.takeError();
  return std::string(text->begin(), text->end());
}

} // namespace heed::nvgpu
