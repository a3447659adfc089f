//===- BackEndTest.cpp - LLVM's back end in this process ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/BackEnd.h"

#include "mlir/Dialect/LLVMIR/LLVMDialect.h"
#include "mlir/Parser/Parser.h"
#include "llvm/IR/Constants.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/TargetSelect.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

class BackEndTest : public testing::Test {
protected:
  BackEndTest() {
    LLVMInitializeX86TargetInfo();
    LLVMInitializeX86Target();
    LLVMInitializeX86TargetMC();
    LLVMInitializeX86AsmPrinter();
    context.loadDialect<mlir::LLVM::LLVMDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(
        "llvm.func @answer() -> i32 {\n"
        "  %0 = llvm.mlir.constant(42 : i32) : i32\n"
        "  llvm.return %0 : i32\n}",
        &context);
  }

  /// Returns the code, or the error behind "error: ".
  std::string emit(BackEnd backEnd) {
    llvm::Expected<llvm::SmallVector<char, 0>> code =
        emitCode(*module, backEnd);
    if (!code)
      return "error: " + llvm::toString(code.takeError());
    return std::string(code->begin(), code->end());
  }

  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
};

TEST_F(BackEndTest, GivesAnObjectOrText) {
  auto rename = [](llvm::Module &code) {
    code.getFunction("answer")->setName("prepared");
  };
  BackEnd backEnd;
  backEnd.triple = "x86_64-unknown-linux-gnu";
  backEnd.processor = "x86-64-v3";
  backEnd.prepare = rename;
  EXPECT_EQ(emit(backEnd).substr(0, 4), "\x7f"
                                        "ELF");
  backEnd.isText = true;
  std::string text = emit(backEnd);
  EXPECT_NE(text.find("prepared:"), std::string::npos) << text;
  EXPECT_NE(text.find("$42"), std::string::npos) << text;
}

TEST_F(BackEndTest, OptimizesWhatWasVerified) {
  bool isPrepared = false, isOptimized = false;
  auto prepare = [&](llvm::Module &) { isPrepared = !isOptimized; };
  auto optimize = [&](llvm::Module &, llvm::TargetMachine &) {
    isOptimized = isPrepared;
  };
  BackEnd backEnd;
  backEnd.triple = "x86_64-unknown-linux-gnu";
  backEnd.prepare = prepare;
  backEnd.optimize = optimize;
  emit(backEnd);
  EXPECT_TRUE(isOptimized);
}

TEST_F(BackEndTest, NamesWhatIsWrong) {
  auto nothing = [](llvm::Module &) {};
  BackEnd backEnd;
  backEnd.triple = "abacus-unknown-none";
  backEnd.prepare = nothing;
  EXPECT_EQ(emit(backEnd).rfind("error: no code generator for abacus", 0), 0u)
      << emit(backEnd);
  auto damage = [](llvm::Module &code) {
    code.getFunction("answer")->front().getTerminator()->eraseFromParent();
  };
  backEnd.triple = "x86_64-unknown-linux-gnu";
  backEnd.prepare = damage;
  EXPECT_EQ(
      emit(backEnd).rfind("error: the LLVM IR of the kernels is broken", 0),
      0u);
}

} // namespace
