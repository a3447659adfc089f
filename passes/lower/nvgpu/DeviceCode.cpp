//===- DeviceCode.cpp - From LLVM's dialect to PTX ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/DeviceCode.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/Analysis/LoopInfo.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Passes/PassBuilder.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace heed::nvgpu {

static constexpr const char *kTriple = "nvptx64-nvidia-cuda";

void registerTranslation(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
}

/// Makes a kernel of the function `entry` names.
static void makeKernel(Module &code, const EntryPoint &entry) {
  Function *function = code.getFunction(entry.symbol);
  LLVMContext &context = code.getContext();
  function->setCallingConv(CallingConv::PTX_Kernel);
  function->addFnAttr(Attribute::NoUnwind);
  function->addFnAttr("nvvm.reqntid", std::to_string(entry.threads) + ",1,1");
  function->addFnAttr("nvvm.maxnreg", "255");
  // A kernel without arguments never reads its words.
  Type *words = ArrayType::get(Type::getInt64Ty(context),
                               std::max<int64_t>(1, entry.words));
  function->addParamAttr(0, Attribute::getWithByValType(context, words));
  function->addParamAttr(0, Attribute::getWithAlignment(context, Align(8)));
}

static Expected<std::unique_ptr<TargetMachine>> createMachine(StringRef arch) {
  LLVMInitializeNVPTXTargetInfo();
  LLVMInitializeNVPTXTarget();
  LLVMInitializeNVPTXTargetMC();
  LLVMInitializeNVPTXAsmPrinter();
  Triple triple(kTriple);
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("no code generator for " + triple.str() + ": " +
                             message);
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple, arch, "+ptx80", TargetOptions(), std::nullopt, std::nullopt,
      CodeGenOptLevel::Aggressive));
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
  LLVMContext context;
  std::unique_ptr<Module> code =
      mlir::translateModuleToLLVMIR(module, context, "heed");
  if (!code)
    return createStringError("the LLVM dialect of the kernels does not "
                             "translate to LLVM IR");
  Expected<std::unique_ptr<TargetMachine>> machine = createMachine(arch);
  if (!machine)
    return machine.takeError();
  code->setTargetTriple(Triple(kTriple));
  code->setDataLayout((*machine)->createDataLayout());
  for (const EntryPoint &entry : entries)
    makeKernel(*code, entry);
  std::string problem;
  raw_string_ostream problems(problem);
  if (verifyModule(*code, &problems))
    return createStringError("the LLVM IR of the kernels is broken: " +
                             problem);
  optimize(*code, **machine);
  SmallVector<char, 0> text;
  raw_svector_ostream stream(text);
  legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr,
                                      CodeGenFileType::AssemblyFile))
    return createStringError("no assembly for " + Twine(kTriple));
  passes.run(*code);
  return std::string(text.begin(), text.end());
}

} // namespace heed::nvgpu
