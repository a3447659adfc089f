//===- TileClassesTest.cpp - Names, uses and classes of tiles -------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/kernel/TileClasses.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/Dialect/SCF/IR/SCF.h"
#include "mlir/Dialect/Tensor/IR/Tensor.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

using namespace mlir;
using namespace heed;

namespace {

constexpr const char *text = R"(
  !v = memref<?x8xbf16, strided<[8, 1], offset: ?>>
  tile.kernel @k(%x: memref<?xbf16>, %n: index, %m: index) grid(%n by 16) {
    %c0 = arith.constant 0 : index
    %c16 = arith.constant 16 : index
    %c8 = arith.constant 8 : index
    %zero = arith.constant dense<0.0> : tensor<8xf32>
    %p = tile.program_id 0
    %row = arith.muli %p, %c16 : index
    %next = arith.addi %row, %c8 : index
    %xv = tile.view %x[%c0] sizes [%n, 8] strides [8, 1] : memref<?xbf16> to !v
    %sum, %other = tile.stream (%c0 to %n step %c8)
        carry(%zero, %zero : tensor<8xf32>, tensor<8xf32>)
    load (%i: index) {
      %a = tile.load %xv[%i, %c0] : !v -> tensor<8x8xbf16>
      tile.yield %a : tensor<8x8xbf16>
    }
    body (%i: index, %a: tensor<8x8xbf16>, %s: tensor<8xf32>,
          %o: tensor<8xf32>) {
      %w = arith.extf %a : tensor<8x8xbf16> to tensor<8x8xf32>
      %r = tile.reduce <add> %w over 1 : tensor<8x8xf32> -> tensor<8xf32>
      %t = arith.addf %s, %r : tensor<8xf32>
      tile.yield %t, %o : tensor<8xf32>, tensor<8xf32>
    }
    combine (%s0: tensor<8xf32>, %o0: tensor<8xf32>, %s1: tensor<8xf32>,
             %o1: tensor<8xf32>) {
      tile.yield %s0, %o1 : tensor<8xf32>, tensor<8xf32>
    }
    tile.return
  })";

class TileClassesTest : public testing::Test {
protected:
  void SetUp() override {
    context
        .loadDialect<tile::TileDialect, arith::ArithDialect, math::MathDialect,
                     scf::SCFDialect, tensor::TensorDialect>();
    module = parseSourceString<ModuleOp>(text, &context);
    ASSERT_TRUE(module);
    kernel = *module->getOps<tile::KernelOp>().begin();
  }
  template <typename Op> Op first() {
    Op found;
    kernel.walk([&](Op op) { found = found ? found : op; });
    return found;
  }

  MLIRContext context;
  OwningOpRef<ModuleOp> module;
  tile::KernelOp kernel;
};

TEST_F(TileClassesTest, AWideningAndAStreamsArgumentAreSecondNames) {
  auto load = first<tile::LoadOp>();
  EXPECT_EQ(resolve(first<tile::ReduceOp>().getSource()), load.getResult());
  EXPECT_EQ(resolve(first<tile::StreamOp>().getCarried()[0]),
            Value(first<tile::StreamOp>().getCarried()[0]));
  int uses = 0;
  EXPECT_TRUE(allUses(load.getResult(), [&](OpOperand &use) {
    ++uses;
    return isa<tile::ReduceOp>(use.getOwner());
  }));
  EXPECT_EQ(uses, 1);
}

TEST_F(TileClassesTest, LoopsAndArithmeticConnectReductionsDoNot) {
  TileClasses lines(kernel, 1), matrices(kernel, 2);
  auto stream = first<tile::StreamOp>();
  Value sum = first<tile::ReduceOp>().getResult();
  EXPECT_EQ(lines.leader(sum), lines.leader(stream.getResult(0)));
  EXPECT_NE(lines.leader(sum), lines.leader(stream.getResult(1)));
  for (auto sets : {stream.getCombineFirst(), stream.getCombineSecond()})
    for (unsigned i : {0, 1})
      EXPECT_EQ(lines.leader(sets[i]), lines.leader(stream.getResult(i)));
  EXPECT_EQ(matrices.leader(sum), sum) << "of another rank";
}

TEST_F(TileClassesTest, Multiples) {
  auto product = first<arith::MulIOp>();
  auto sum = first<arith::AddIOp>();
  EXPECT_TRUE(isMultipleOf(product, 16));
  EXPECT_TRUE(isMultipleOf(sum, 8));
  EXPECT_FALSE(isMultipleOf(sum, 16));
  EXPECT_TRUE(isMultipleOf(first<tile::StreamOp>().getBodyStep(), 8));
  EXPECT_FALSE(isMultipleOf(kernel.getArguments()[1], 2));
}

} // namespace
