//===- ScalarTest.cpp - Scalars of a kernel -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/Scalar.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Func/IR/FuncOps.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;

namespace {

/// Builds each op of a function behind it, on the same argument, and names what
/// that makes.
std::vector<std::string> build(StringRef body, int &rounded) {
  MLIRContext context;
  context
      .loadDialect<arith::ArithDialect, func::FuncDialect, math::MathDialect>();
  OwningOpRef<ModuleOp> module = parseSourceString<ModuleOp>(
      ("func.func @f(%x: f32) -> f32 {\n" + body + "return %x : f32\n}").str(),
      &context);
  auto function = cast<func::FuncOp>(module->getBody()->front());
  std::vector<Operation *> ops;
  for (Operation &op : function.front().without_terminator())
    ops.push_back(&op);
  ImplicitLocOpBuilder b(function.getLoc(), &context);
  b.setInsertionPoint(function.front().getTerminator());
  IRMapping scalars;
  scalars.map(function.getArgument(0), function.getArgument(0));
  rounded = 0;
  for (Operation *op : ops)
    heed::buildScalar(b, op, scalars, [&](Value x) {
      EXPECT_TRUE(x.getType().isF32());
      ++rounded;
      return x;
    });
  std::vector<std::string> names;
  for (Operation &op : function.front().without_terminator())
    if (!llvm::is_contained(ops, &op))
      names.push_back(op.getName().getStringRef().str());
  return names;
}

TEST(Scalar, ConversionsOfNarrowNumbersAreNamesAndRoundings) {
  int rounded;
  EXPECT_EQ(build("%n = arith.truncf %x : f32 to bf16\n"
                  "%w = arith.extf %n : bf16 to f32\n"
                  "%s = arith.addf %w, %x : f32\n",
                  rounded),
            (std::vector<std::string>{"arith.addf"}));
  EXPECT_EQ(rounded, 1);
}

TEST(Scalar, FunctionsAreExpanded) {
  int rounded;
  std::vector<std::string> names = build("%e = math.exp %x : f32\n", rounded);
  EXPECT_GT(names.size(), 5u);
  EXPECT_FALSE(llvm::is_contained(names, "math.exp"));
  EXPECT_EQ(rounded, 0);
}

} // namespace
