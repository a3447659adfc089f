//===- CopyKernelsTest.cpp - The kernels of a module, apart ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/CopyKernels.h"

#include "dialects/tile/Tile.h"

#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace {

TEST(CopyKernels, OnlyKernelsInOrderAndTheModuleIsAsItWas) {
  MLIRContext context;
  context.loadDialect<func::FuncDialect, heed::tile::TileDialect>();
  const char *text = "tile.kernel @second() grid(1) {\n  tile.return\n}\n"
                     "func.func private @other()\n"
                     "tile.kernel @first() grid(1) {\n  tile.return\n}\n";
  auto module = parseSourceString<ModuleOp>(text, &context);
  ASSERT_TRUE(module);
  OwningOpRef<ModuleOp> copy = heed::copyKernels(*module);
  std::vector<std::string> names;
  for (Operation &op : *copy->getBody())
    names.push_back(cast<heed::tile::KernelOp>(op).getSymName().str());
  EXPECT_EQ(names, (std::vector<std::string>{"second", "first"}));
  EXPECT_EQ(module->getBody()->getOperations().size(), 3u);
}

} // namespace
