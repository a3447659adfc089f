//===- BackEnd.cpp - LLVM's back end in this process ----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/BackEnd.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace heed {

static Expected<std::unique_ptr<TargetMachine>>
createMachine(const BackEnd &backEnd) {
  Triple triple(backEnd.triple);
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("no code generator for " + triple.str() + ": " +
                             message);
  std::optional<Reloc::Model> relocation;
  if (!backEnd.isText)
    relocation = Reloc::PIC_;
  return std::unique_ptr<TargetMachine>(target->createTargetMachine(
      triple, backEnd.processor, backEnd.features, TargetOptions(), relocation,
      std::nullopt, CodeGenOptLevel::Aggressive));
}

Expected<SmallVector<char, 0>> emitCode(mlir::ModuleOp module,
                                        const BackEnd &backEnd) {
  mlir::registerBuiltinDialectTranslation(*module.getContext());
  mlir::registerLLVMDialectTranslation(*module.getContext());
  LLVMContext context;
  std::unique_ptr<Module> code =
      mlir::translateModuleToLLVMIR(module, context, "heed");
  if (!code)
    return createStringError("the LLVM dialect of the kernels does not "
                             "translate to LLVM IR");
  Expected<std::unique_ptr<TargetMachine>> machine = createMachine(backEnd);
  if (!machine)
    return machine.takeError();
  code->setTargetTriple(Triple(backEnd.triple));
  code->setDataLayout((*machine)->createDataLayout());
  backEnd.prepare(*code);
  std::string problem;
  raw_string_ostream problems(problem);
  if (verifyModule(*code, &problems))
    return createStringError("the LLVM IR of the kernels is broken: " +
                             problem);
  if (backEnd.optimize)
    backEnd.optimize(*code, **machine);
  SmallVector<char, 0> bytes;
  raw_svector_ostream stream(bytes);
  legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr,
                                      backEnd.isText
                                          ? CodeGenFileType::AssemblyFile
                                          : CodeGenFileType::ObjectFile))
    return createStringError("no files of this kind for " + backEnd.triple);
  passes.run(*code);
  return bytes;
}

} // namespace heed
