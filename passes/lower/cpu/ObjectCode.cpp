//===- ObjectCode.cpp - From LLVM's dialect to an object ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/ObjectCode.h"

#include "mlir/Target/LLVMIR/Dialect/Builtin/BuiltinToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Dialect/LLVMIR/LLVMToLLVMIRTranslation.h"
#include "mlir/Target/LLVMIR/Export.h"
#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/LegacyPassManager.h"
#include "llvm/IR/Module.h"
#include "llvm/IR/Verifier.h"
#include "llvm/MC/TargetRegistry.h"
#include "llvm/Support/TargetSelect.h"
#include "llvm/Target/TargetMachine.h"
#include "llvm/TargetParser/Triple.h"

using namespace llvm;

namespace heed::cpu {

static constexpr const char *kTriple = "x86_64-unknown-linux-gnu";

void registerTranslation(mlir::DialectRegistry &registry) {
  mlir::registerBuiltinDialectTranslation(registry);
  mlir::registerLLVMDialectTranslation(registry);
}

/// Puts a function of the kernel ABI before `body`, under its name.
static void wrap(Function &body) {
  std::string name = body.getName().str();
  body.setName("heed.body." + name);
  body.setLinkage(GlobalValue::InternalLinkage);
  LLVMContext &context = body.getContext();
  Type *pointer = PointerType::get(context, 0);
  Type *word = Type::getInt64Ty(context);
  auto *type = FunctionType::get(Type::getVoidTy(context),
                                 {pointer, word, pointer}, false);
  Function *wrapper = Function::Create(type, GlobalValue::ExternalLinkage, name,
                                       body.getParent());
  IRBuilder<> b(BasicBlock::Create(context, "entry", wrapper));
  SmallVector<Value *> arguments;
  // Scratch memory and program come last.
  unsigned count = body.arg_size() - 2;
  for (unsigned i = 0; i < count; ++i)
    arguments.push_back(
        b.CreateLoad(body.getArg(i)->getType(),
                     b.CreateConstGEP1_64(word, wrapper->getArg(0), i)));
  arguments.push_back(wrapper->getArg(2));
  arguments.push_back(wrapper->getArg(1));
  b.CreateCall(&body, arguments);
  b.CreateRetVoid();
  body.addParamAttr(count, Attribute::NoAlias);
  for (Function *function : {&body, wrapper}) {
    function->addFnAttr(Attribute::NoUnwind);
    // Wide registers are worth their clock here.
    function->addFnAttr("prefer-vector-width", "512");
  }
}

static Expected<std::unique_ptr<TargetMachine>> createMachine(StringRef cpu) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  Triple triple(kTriple);
  std::string message;
  const Target *target = TargetRegistry::lookupTarget(triple, message);
  if (!target)
    return createStringError("no code generator for " + triple.str() + ": " +
                             message);
  return std::unique_ptr<TargetMachine>(
      target->createTargetMachine(triple, cpu, "", TargetOptions(), Reloc::PIC_,
                                  std::nullopt, CodeGenOptLevel::Aggressive));
}

Expected<SmallVector<char, 0>>
emitObject(mlir::ModuleOp module, ArrayRef<std::string> names, StringRef cpu) {
  LLVMContext context;
  std::unique_ptr<Module> code =
      mlir::translateModuleToLLVMIR(module, context, "heed");
  if (!code)
    return createStringError("the LLVM dialect of the kernels does not "
                             "translate to LLVM IR");
  Expected<std::unique_ptr<TargetMachine>> machine = createMachine(cpu);
  if (!machine)
    return machine.takeError();
  code->setTargetTriple(Triple(kTriple));
  code->setDataLayout((*machine)->createDataLayout());
  for (const std::string &name : names)
    wrap(*code->getFunction(name));
  std::string problem;
  raw_string_ostream problems(problem);
  if (verifyModule(*code, &problems))
    return createStringError("the LLVM IR of the kernels is broken: " +
                             problem);
  SmallVector<char, 0> object;
  raw_svector_ostream stream(object);
  legacy::PassManager passes;
  if ((*machine)->addPassesToEmitFile(passes, stream, nullptr,
                                      CodeGenFileType::ObjectFile))
    return createStringError("no object files for " + Twine(kTriple));
  passes.run(*code);
  return object;
}

} // namespace heed::cpu
