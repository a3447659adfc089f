//===- DistributionTest.cpp - Each element has its threads ----------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/nvgpu/Distribution.h"
#include "test/unit/passes/lower/nvgpu/EmulatedKernels.h"

#include <gtest/gtest.h>

#include <map>

using namespace heed;
using namespace heed::nvgpu;
using namespace heed::test;

namespace {

Distribution of(const std::string &text) {
  ParsedKernels parsed(text);
  return Distribution::of(*parsed.module->getOps<tile::KernelOp>().begin());
}

/// The distribution of a kernel with one product of `rows` rows.
Distribution ofProduct(int64_t rows) {
  return of(fill(R"(tile.kernel @k() grid(1) {
    %a = arith.constant dense<1.0> : tensor<$Mx16xf32>
    %b = arith.constant dense<1.0> : tensor<256x16xf32>
    %c = arith.constant dense<1.0> : tensor<$Mx256xf32>
    %d = tile.mma %a, %b, %c {transpose_b}
        : tensor<$Mx16xf32>, tensor<256x16xf32>, tensor<$Mx256xf32>
    tile.return
  })",
                 {{"$M", std::to_string(rows)}}));
}

Distribution ofTile(int64_t rows) {
  return of(fill(R"(tile.kernel @k() grid(1) {
    %a = arith.constant dense<1.0> : tensor<$Mx16xf32>
    tile.return
  })",
                 {{"$M", std::to_string(rows)}}));
}

/// How many threads that own rows hold each row, by the formula of the header.
std::map<int64_t, int64_t> holdersOfRows(const Distribution &d, int64_t rows) {
  std::map<int64_t, int64_t> holders;
  for (int64_t warp = 0; warp < d.owners(rows); ++warp)
    for (int64_t laneRow = 0; laneRow < d.laneRows; ++laneRow)
      for (int64_t slot = 0; slot < d.rowsOfThread(rows); ++slot) {
        int64_t row = warp * d.blockRows() + laneRow + d.rowOffset(slot);
        EXPECT_LT(row, d.coveredRows(rows));
        ++holders[row];
      }
  return holders;
}

TEST(Distribution, EachRowHasOneOwner) {
  std::vector<Distribution> all;
  for (int64_t rows : {1, 8, 9, 16, 17, 32, 64, 80, 128})
    all.push_back(ofProduct(rows));
  for (int64_t rows : {1, 2, 3, 4, 8, 16, 64})
    all.push_back(ofTile(rows));
  for (const Distribution &d : all) {
    EXPECT_EQ(d.laneRows * d.laneColumns, 32);
    for (int64_t rows : {1, 2, 7, 8, 9, 16, 20, 64, 100}) {
      std::map<int64_t, int64_t> holders = holdersOfRows(d, rows);
      for (int64_t row = 0; row < rows; ++row)
        EXPECT_EQ(holders[row], 1) << row << " of " << rows;
    }
  }
}

TEST(Distribution, EachColumnHasOneLane) {
  for (const Distribution &d : {ofProduct(64), ofTile(1), ofTile(8)})
    for (int64_t columns : {1, 4, 8, 20, 128, 200}) {
      std::map<int64_t, int64_t> holders;
      for (int64_t lane = 0; lane < d.laneColumns; ++lane)
        for (int64_t step = 0; step < d.stepsOfThread(columns); ++step)
          for (int64_t v = 0; v < d.width; ++v)
            ++holders[lane * d.width + d.columnOffset(step) + v];
      for (int64_t column = 0; column < d.coveredColumns(columns); ++column)
        EXPECT_EQ(holders[column], 1) << column << " of " << columns;
      EXPECT_GE(d.coveredColumns(columns), columns);
    }
}

TEST(Distribution, ProductsStandAsTheMatrixUnitWants) {
  for (auto [rows, warps] : {std::pair<int64_t, int64_t>(1, 1),
                             {16, 1},
                             {17, 2},
                             {64, 4},
                             {128, 4}}) {
    Distribution d = ofProduct(rows);
    EXPECT_EQ(d.warps, warps) << rows;
    EXPECT_EQ(d.laneRows, 8);
    EXPECT_EQ(d.halves, 2);
    EXPECT_EQ(d.width, 2);
  }
  // One row alone: 32 lanes beside each other.
  EXPECT_EQ(ofTile(1).threads(), 32);
  EXPECT_EQ(ofTile(1).laneColumns, 32);
  EXPECT_EQ(ofTile(8).threads(), 128);
}

/// The distribution of a kernel with a divisible stream over `rows` rows, whose
/// steps load `width` f32.
Distribution ofDivisible(int64_t rows, int64_t width = 4) {
  return of(
      fill(R"(tile.kernel @k(%n: index, %x: memref<?xf32>) grid(1) {
    %c0 = arith.constant 0 : index
    %xv = tile.view %x[%c0] sizes [%n] strides [1]
        : memref<?xf32> to memref<?xf32, strided<[1], offset: ?>>
    %a = arith.constant dense<1.0> : tensor<$Mx16xf32>
    %s = tile.stream (%c0 to %n step %n) carry(%a : tensor<$Mx16xf32>)
    load (%i: index) {
      %t = tile.load %xv[%i]
          : memref<?xf32, strided<[1], offset: ?>> -> tensor<$Wxf32>
      tile.yield %t : tensor<$Wxf32>
    }
    body (%i: index, %t: tensor<$Wxf32>, %c: tensor<$Mx16xf32>) {
      tile.yield %c : tensor<$Mx16xf32>
    }
    combine (%c: tensor<$Mx16xf32>, %d: tensor<$Mx16xf32>) {
      tile.yield %c : tensor<$Mx16xf32>
    }
    tile.return
  })",
           {{"$M", std::to_string(rows)}, {"$W", std::to_string(width)}}));
}

TEST(Distribution, FewRowsAreDividedBySteps) {
  EXPECT_EQ(ofDivisible(1).parts, 4);
  EXPECT_EQ(ofDivisible(1).threads(), 128);
  EXPECT_EQ(ofDivisible(8).parts, 1) << "warps share the rows out";
  EXPECT_EQ(ofTile(1).parts, 1) << "there is nothing to divide";
  EXPECT_EQ(ofDivisible(1, 5120).parts, 4);
  EXPECT_EQ(ofDivisible(1, 5124).parts, 2);
  EXPECT_EQ(ofDivisible(1, 10244).parts, 1) << "no two steps fit";
}

/// The distribution of a finish whose body makes a tile of `rows` rows.
Distribution ofFinish(int64_t rows, int64_t warps) {
  ParsedKernels parsed(fill(R"(tile.kernel @k(%n: index) grid(%n by 1) {
    %z = arith.constant dense<0.0> : tensor<64x64xf32>
    tile.finish %n of %n {
      %a = arith.constant dense<1.0> : tensor<$Mx16xf32>
    }
    tile.return
  })",
                            {{"$M", std::to_string(rows)}}));
  Distribution d;
  parsed.module->walk(
      [&](tile::FinishOp op) { d = Distribution::of(op, warps); });
  return d;
}

TEST(Distribution, FinishesHaveAllWarpsAndTheirOwnRows) {
  for (int64_t warps : {1, 2, 4})
    for (int64_t rows : {1, 2, 4, 24, 64}) {
      Distribution d = ofFinish(rows, warps);
      EXPECT_EQ(d.threads(), 32 * warps) << rows << " rows";
      EXPECT_EQ(d.laneRows * d.laneColumns, 32);
      EXPECT_GE(d.coveredRows(rows), rows);
    }
  EXPECT_EQ(ofFinish(4, 4).laneColumns, 32);
  EXPECT_EQ(ofFinish(4, 1).laneRows, 4);
}

} // namespace
