//===- EmitControlTest.cpp - Streams, loops and branches ------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

#include <cmath>

using namespace heed::test;

namespace {

class EmitControl : public testing::TestWithParam<std::string> {};

TEST_P(EmitControl, CarriedTilesMayChangePlaces) {
  Kernels kernels(R"(
    !v = memref<?xf32, strided<[1], offset: ?>>
    tile.kernel @fibonacci(%y: memref<?xf32>, %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %yv = tile.view %y[%c0] sizes [8] strides [1]
          : memref<?xf32> to memref<8xf32, strided<[1], offset: ?>>
      %zero = arith.constant dense<0.0> : tensor<8xf32>
      %one = arith.constant dense<1.0> : tensor<8xf32>
      %a, %b = scf.for %i = %c0 to %n step %c1
          iter_args(%x = %zero, %z = %one) -> (tensor<8xf32>, tensor<8xf32>) {
        %s = arith.addf %x, %z : tensor<8xf32>
        scf.yield %z, %s : tensor<8xf32>, tensor<8xf32>
      }
      %c, %d = tile.stream (%c0 to %c1 step %c1)
          carry(%a, %b : tensor<8xf32>, tensor<8xf32>)
      load (%i: index) {
        tile.yield
      }
      body (%i: index, %x: tensor<8xf32>, %z: tensor<8xf32>) {
        tile.yield %z, %x : tensor<8xf32>, tensor<8xf32>
      }
      %big = arith.cmpi sgt, %n, %c1 : index
      %r = scf.if %big -> tensor<8xf32> {
        scf.yield %d : tensor<8xf32>
      } else {
        scf.yield %c : tensor<8xf32>
      }
      tile.store %r, %yv[%c0]
          : tensor<8xf32>, memref<8xf32, strided<[1], offset: ?>>
      tile.return
    })",
                  GetParam());
  std::vector<float> y(8);
  kernels.run("fibonacci", {y, 10}, 1);
  EXPECT_EQ(y, std::vector<float>(8, 55.0f));
  kernels.run("fibonacci", {y, 1}, 1);
  EXPECT_EQ(y, std::vector<float>(8, 1.0f));
}

// Visits the steps whose number a list marks, and counts them.
TEST_P(EmitControl, StreamsSkipSteps) {
  Kernels kernels(R"(
    !x = memref<?xi32, strided<[1], offset: ?>>
    tile.kernel @marked(%x: memref<?xi32>, %mark: memref<?xi32>,
                        %sums: memref<?xi32>, %count: memref<?xi32>,
                        %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %c8 = arith.constant 8 : index
      %none = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %zero = arith.constant dense<0> : tensor<8xi32>
      %xv = tile.view %x[%c0] sizes [%n] strides [1] : memref<?xi32> to !x
      %sv = tile.view %sums[%c0] sizes [%c8] strides [1] : memref<?xi32> to !x
      %s, %k = tile.stream (%c0 to %n step %c8)
          carry(%zero, %none : tensor<8xi32>, i32)
      where (%i: index) {
        %at = arith.divui %i, %c8 : index
        %m = memref.load %mark[%at] : memref<?xi32>
        %visit = arith.cmpi ne, %m, %none : i32
        tile.yield %visit : i1
      }
      load (%i: index) {
        %t = tile.load %xv[%i] : !x -> tensor<8xi32>
        tile.yield %t : tensor<8xi32>
      }
      body (%i: index, %t: tensor<8xi32>, %a: tensor<8xi32>, %c: i32) {
        %b = arith.addi %a, %t : tensor<8xi32>
        %d = arith.addi %c, %one : i32
        tile.yield %b, %d : tensor<8xi32>, i32
      }
      tile.store %s, %sv[%c0] : tensor<8xi32>, !x
      memref.store %k, %count[%c0] : memref<?xi32>
      tile.return
    })",
                  GetParam());
  std::vector<int32_t> x(40), sums(8), count(1);
  for (int32_t i = 0; i < 40; ++i)
    x[i] = i * i;
  for (std::vector<int32_t> mark :
       {std::vector<int32_t>{1, 0, 1, 1, 0}, {0, 0, 0, 0, 0}}) {
    kernels.run("marked", {x, mark, sums, count, 40}, 1);
    std::vector<int32_t> want(8);
    for (int32_t i = 0; i < 40; ++i)
      want[i % 8] += mark[i / 8] * x[i];
    EXPECT_EQ(sums, want);
    EXPECT_EQ(count[0], mark[0] + mark[2] + mark[3]);
  }
}

TEST_P(EmitControl, LoopsAndBranchesNest) {
  Kernels kernels(R"(
    tile.kernel @collatz(%x: memref<?xi32>, %n: index) grid(1) {
      %c0 = arith.constant 0 : index
      %c1 = arith.constant 1 : index
      %limit = arith.constant 200 : index
      %none = arith.constant 0 : i32
      %one = arith.constant 1 : i32
      %three = arith.constant 3 : i32
      scf.for %i = %c0 to %n step %c1 {
        %start = memref.load %x[%i] : memref<?xi32>
        %end, %steps = scf.for %j = %c0 to %limit step %c1
            iter_args(%v = %start, %s = %none) -> (i32, i32) {
          %done = arith.cmpi eq, %v, %one : i32
          %w, %t = scf.if %done -> (i32, i32) {
            scf.yield %v, %s : i32, i32
          } else {
            %bit = arith.andi %v, %one : i32
            %odd = arith.trunci %bit : i32 to i1
            %u = scf.if %odd -> i32 {
              %triple = arith.muli %v, %three : i32
              %up = arith.addi %triple, %one : i32
              scf.yield %up : i32
            } else {
              %half = arith.shrui %v, %one : i32
              scf.yield %half : i32
            }
            %more = arith.addi %s, %one : i32
            scf.yield %u, %more : i32, i32
          }
          scf.yield %w, %t : i32, i32
        }
        %found = arith.cmpi eq, %end, %one : i32
        scf.if %found {
          memref.store %steps, %x[%i] : memref<?xi32>
        }
      }
      tile.return
    })",
                  GetParam());
  std::vector<int32_t> x{1, 2, 3, 7, 27, 97}, want;
  for (int64_t value : x) {
    int32_t steps = 0;
    for (; value != 1; ++steps)
      value = value % 2 ? 3 * value + 1 : value / 2;
    want.push_back(steps);
  }
  kernels.run("collatz", {x, static_cast<int64_t>(x.size())}, 1);
  EXPECT_EQ(x, want);
}

INSTANTIATE_TEST_SUITE_P(Processors, EmitControl,
                         testing::ValuesIn(processors()));

} // namespace
