//===- ModuleFileTest.cpp - Modules read from files -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/ModuleFile.h"

#include "test/unit/lib/Support/TemporaryFolder.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/MLIRContext.h"
#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

TEST(ModuleFileTest, ReadsTextAndBytecode) {
  TemporaryFolder folder;
  MLIRContext context;
  folder.write("m.mlir", "module attributes {x.a = 1 : i64} {}");
  auto text = parseModuleFile(context, folder.path("m.mlir"));
  ASSERT_TRUE(bool(text)) << llvm::toString(text.takeError());
  std::string bytes;
  llvm::raw_string_ostream stream(bytes);
  ASSERT_TRUE(succeeded(writeBytecodeToFile(**text, stream)));
  folder.write("m.mlirbc", bytes);
  auto bytecode = parseModuleFile(context, folder.path("m.mlirbc"));
  ASSERT_TRUE(bool(bytecode)) << llvm::toString(bytecode.takeError());
  EXPECT_EQ((**bytecode)->getAttr("x.a"), (**text)->getAttr("x.a"));
}

TEST(ModuleFileTest, SaysWhereAFaultIs) {
  TemporaryFolder folder;
  MLIRContext context;
  std::string path = folder.path("m.mlir");
  folder.write("m.mlir", "module {\n  x.y\n}\n");
  auto module = parseModuleFile(context, path);
  ASSERT_FALSE(bool(module));
  EXPECT_TRUE(llvm::StringRef(llvm::toString(module.takeError()))
                  .starts_with(path + ":2:3: "));
}

TEST(ModuleFileTest, WeightsLieBesideTheModule) {
  EXPECT_EQ(getWeightFolder("a/b/m.mlir"), "a/b");
  EXPECT_EQ(getWeightFolder("m.mlir"), "");
  EXPECT_EQ(getWeightFolder("-"), "");
}

} // namespace
