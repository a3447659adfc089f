//===- ObjectCode.cpp - From LLVM's dialect to an object ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/cpu/ObjectCode.h"

#include "passes/lower/kernel/BackEnd.h"

#include "llvm/IR/IRBuilder.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/TargetSelect.h"

using namespace llvm;

namespace heed::cpu {

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

Expected<SmallVector<char, 0>>
emitObject(mlir::ModuleOp module, ArrayRef<std::string> names, StringRef cpu) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  auto prepare = [&](Module &code) {
    for (const std::string &name : names)
      wrap(*code.getFunction(name));
  };
  BackEnd backEnd;
  backEnd.triple = "x86_64-unknown-linux-gnu";
  backEnd.processor = cpu.str();
  backEnd.prepare = prepare;
  return emitCode(module, backEnd);
}

} // namespace heed::cpu
