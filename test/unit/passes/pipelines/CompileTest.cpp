//===- CompileTest.cpp - From a module to a package -----------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/Compile.h"

#include "test/unit/passes/lower/PackageReader.h"

#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

class CompileTest : public testing::Test {
protected:
  CompileTest() : context(makeRegistry()) {}
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }
  /// Returns the message of the failure, or nothing.
  std::string compile(llvm::StringRef body, llvm::StringRef target) {
    StepModule step("f32", 24);
    ScopedDiagnosticHandler silence(&context,
                                    [](Diagnostic &) { return success(); });
    module = parseSourceString<ModuleOp>(step.write(body, 24), &context);
    CompileOptions options;
    options.target = target.str();
    llvm::Expected<std::vector<char>> package = compileModule(*module, options);
    if (!package)
      return llvm::toString(package.takeError());
    heed_package_header header;
    std::memcpy(&header, package->data(), sizeof(header));
    found = header.target;
    return "";
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  std::string found;
};

TEST_F(CompileTest, NamesItsTarget) {
  for (const char *target : {"x86-64-v3", "x86-64-v4", "sm_80", "sm_90a"}) {
    EXPECT_EQ(compile(passBy, target), "");
    EXPECT_EQ(found, target);
  }
  EXPECT_EQ(compile(passBy, "cpu"), "");
  EXPECT_TRUE(found == "x86-64-v3" || found == "x86-64-v4");
  EXPECT_EQ(compile(passBy, "sm_70"),
            "unknown target \"sm_70\", wanted cpu, x86-64-v3, x86-64-v4, sm_80 "
            "or sm_90a");
}

TEST_F(CompileTest, LeavesTheModuleAlone) {
  std::string before, after;
  ASSERT_EQ(compile(passBy, "cpu"), "");
  EXPECT_TRUE(module->lookupSymbol("step"));
  EXPECT_FALSE(module->lookupSymbol("prefill"));
}

/// The error names the place in the text and the op.
TEST_F(CompileTest, SaysWhereItFails) {
  std::string message = compile("attn.observe \"x\" abs_max %h : $H\n"
                                "%out = arith.addf %h, %h : $H",
                                "cpu");
  EXPECT_NE(message.find("'attn.observe' op fits no group"), std::string::npos)
      << message;
  EXPECT_NE(message.find(":"), std::string::npos);
}

} // namespace
