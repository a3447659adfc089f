//===- CompileFileTest.cpp - From a file to a package ---------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/CompileFile.h"

#include "test/unit/passes/lower/PackageReader.h"

#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"
#include "gtest/gtest.h"

using namespace heed;
using namespace mlir;

namespace {

class CompileFileTest : public testing::Test {
protected:
  CompileFileTest() : context(makeRegistry()) {}
  static DialectRegistry makeRegistry() {
    DialectRegistry registry;
    registerAllDialects(registry);
    return registry;
  }
  void SetUp() override {
    ASSERT_FALSE(llvm::sys::fs::createUniqueDirectory("compile", folder));
    path = folder;
    llvm::sys::path::append(path, "m.mlir");
  }
  void TearDown() override { llvm::sys::fs::remove_directories(folder); }

  std::string compile(llvm::StringRef text) {
    {
      std::error_code code;
      llvm::raw_fd_ostream(path, code) << text;
    }
    llvm::Expected<std::vector<char>> package =
        compileFile(context, path, CompileOptions());
    return package ? "" : llvm::toString(package.takeError());
  }

  MLIRContext context;
  llvm::SmallString<128> folder, path;
};

TEST_F(CompileFileTest, CompilesText) {
  EXPECT_EQ(compile(StepModule("f32", 24).write(passBy, 24)), "");
}

TEST_F(CompileFileTest, NamesFileAndLine) {
  EXPECT_EQ(compile("module {\n  nonsense\n}"),
            (path + ":2:3: custom op 'nonsense' is unknown (tried "
                    "'builtin.nonsense' as well)")
                .str());
}

TEST_F(CompileFileTest, NamesAMissingFile) {
  llvm::Expected<std::vector<char>> package =
      compileFile(context, path, CompileOptions());
  ASSERT_FALSE(bool(package));
  EXPECT_EQ(llvm::toString(package.takeError()),
            ("cannot read " + path + ": No such file or directory").str());
}

} // namespace
