//===- InitAllTest.cpp - What an embedder gets from one call --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"

#include "mlir/IR/MLIRContext.h"
#include "mlir/Pass/PassRegistry.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace {

TEST(InitAll, RegistersTheDialectsOfHeed) {
  DialectRegistry registry;
  heed::registerAllDialects(registry);
  MLIRContext context(registry);
  for (StringRef name : {"attn", "tile", "func", "arith", "math", "tensor"})
    EXPECT_TRUE(context.getOrLoadDialect(name)) << name.str();
}

TEST(InitAll, RegistersNothingByItself) {
  DialectRegistry registry;
  MLIRContext context(registry);
  EXPECT_FALSE(context.getOrLoadDialect("attn"));
}

TEST(InitAll, MayBeCalledTwice) {
  DialectRegistry registry;
  heed::registerAll(registry);
  heed::registerAll(registry);
  MLIRContext context(registry);
  EXPECT_TRUE(context.getOrLoadDialect("attn"));
}

} // namespace
