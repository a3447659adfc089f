//===- ProgramIdTest.cpp - Coordinates in a grid --------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/kernel/KernelHarness.h"

#include <gtest/gtest.h>

using namespace heed::test;

namespace {

class ProgramId : public testing::TestWithParam<std::string> {};

TEST_P(ProgramId, CountsRowMajor) {
  Kernels kernels(R"(
    tile.kernel @place(%y: memref<?xi32>, %n: index, %m: index)
        grid(%n by 4, 2, %m by 5) {
      %a = tile.program_id 0
      %b = tile.program_id 1
      %c = tile.program_id 2
      %c2 = arith.constant 2 : index
      %c4 = arith.constant 4 : index
      %c5 = arith.constant 5 : index
      %more = arith.addi %m, %c4 : index
      %width = arith.divui %more, %c5 : index
      %ab = arith.muli %a, %c2 : index
      %row = arith.addi %ab, %b : index
      %first = arith.muli %row, %width : index
      %at = arith.addi %first, %c : index
      %ten = arith.constant 10 : index
      %t0 = arith.muli %a, %ten : index
      %t1 = arith.addi %t0, %b : index
      %t2 = arith.muli %t1, %ten : index
      %t3 = arith.addi %t2, %c : index
      %code = arith.index_cast %t3 : index to i32
      memref.store %code, %y[%at] : memref<?xi32>
      tile.return
    })",
                  GetParam());
  // 13 by 4 is 4, 11 by 5 is 3: no two dimensions are alike.
  std::vector<int32_t> y(24, -1), want;
  kernels.run("place", {y, int64_t(13), int64_t(11)}, 24);
  for (int32_t a = 0; a < 4; ++a)
    for (int32_t b = 0; b < 2; ++b)
      for (int32_t c = 0; c < 3; ++c)
        want.push_back(100 * a + 10 * b + c);
  EXPECT_EQ(y, want);
}

INSTANTIATE_TEST_SUITE_P(Processors, ProgramId,
                         testing::ValuesIn(processors()));

} // namespace
