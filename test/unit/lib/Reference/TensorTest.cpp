//===- TensorTest.cpp - Values of the reference ---------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Tensor.h"

#include "gtest/gtest.h"

#include <cmath>

namespace heed::reference {
namespace {

TEST(TensorTest, RoundsOnceToNearestEven) {
  EXPECT_EQ(roundTo(Element::F64, 0.1), 0.1);
  EXPECT_EQ(roundTo(Element::F32, 0.1), static_cast<double>(0.1f));
  // bf16 has 7 fraction bits, f16 has 10: ties go to the even neighbour.
  EXPECT_EQ(roundTo(Element::BF16, 1 + 1.0 / 256), 1.0);
  EXPECT_EQ(roundTo(Element::BF16, 1 + 3.0 / 256), 1 + 4.0 / 256);
  EXPECT_EQ(roundTo(Element::F16, 1 + 1.0 / 2048), 1.0);
  EXPECT_EQ(roundTo(Element::F16, 1 + 3.0 / 2048), 1 + 4.0 / 2048);
  // By way of f32 this would come out as a tie.
  EXPECT_EQ(roundTo(Element::BF16, 1 + 1.0 / 256 + 1e-12), 1 + 1.0 / 128);
  EXPECT_EQ(roundTo(Element::F16, 1e6), INFINITY);
  EXPECT_EQ(roundTo(Element::I32, 7), 7);
}

TEST(TensorTest, KnowsRowsAndWidth) {
  Tensor tensor(Element::F32, {2, 3, 4});
  EXPECT_EQ(tensor.size(), 24);
  EXPECT_EQ(tensor.rows(), 6);
  EXPECT_EQ(tensor.width(), 4);
  tensor.row(5)[3] = 1;
  EXPECT_EQ(tensor.data.back(), 1);
  Tensor scalar = Tensor::scalar(Element::BF16, 1 + 1.0 / 256);
  EXPECT_EQ(scalar.rank(), 0);
  EXPECT_EQ(scalar.data, std::vector<double>{1.0});
  EXPECT_EQ(Tensor(Element::F32, {0, 3}).size(), 0);
}

TEST(TensorTest, PrintsShapes) {
  EXPECT_EQ(printShape({2, 3}), "2x3");
  EXPECT_EQ(printShape({}), "scalar");
}

TEST(TensorTest, KnowsBytes) {
  EXPECT_EQ(elementBytes(Element::F64), 8);
  EXPECT_EQ(elementBytes(Element::I32), 4);
  EXPECT_EQ(elementBytes(Element::BF16), 2);
  EXPECT_EQ(elementBytes(Element::I1), 1);
  EXPECT_TRUE(isFloat(Element::F16));
  EXPECT_FALSE(isFloat(Element::I64));
}

} // namespace
} // namespace heed::reference
