//===- DecomposeTest.cpp --------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Numeric/Decompose.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

using namespace heed;

namespace {

/// Numbers in [-1, 1) from a fixed generator.
class Random {
public:
  explicit Random(uint64_t seed) : state(seed) {}
  double operator()() {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return static_cast<double>(static_cast<int64_t>(state)) * 0x1p-63;
  }

private:
  uint64_t state;
};

Matrix random(int64_t rows, int64_t cols, uint64_t seed) {
  Matrix a(rows, cols);
  Random next(seed);
  for (double &element : a.elements)
    element = next();
  return a;
}

Matrix transpose(const Matrix &a) {
  Matrix t(a.cols, a.rows);
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t j = 0; j < a.cols; ++j)
      t(j, i) = a(i, j);
  return t;
}

Matrix multiply(const Matrix &a, const Matrix &b) {
  Matrix c(a.rows, b.cols);
  for (int64_t i = 0; i < a.rows; ++i)
    for (int64_t j = 0; j < b.cols; ++j)
      for (int64_t k = 0; k < a.cols; ++k)
        c(i, j) += a(i, k) * b(k, j);
  return c;
}

Matrix diagonal(const std::vector<double> &values) {
  int64_t n = static_cast<int64_t>(values.size());
  Matrix d(n, n);
  for (int64_t i = 0; i < n; ++i)
    d(i, i) = values[static_cast<size_t>(i)];
  return d;
}

double distance(const Matrix &a, const Matrix &b) {
  EXPECT_EQ(a.rows, b.rows);
  EXPECT_EQ(a.cols, b.cols);
  double largest = 0;
  for (size_t i = 0; i < a.elements.size(); ++i)
    largest = std::max(largest, std::abs(a.elements[i] - b.elements[i]));
  return largest;
}

void expectOrthonormal(const Matrix &q) {
  std::vector<double> ones(static_cast<size_t>(q.cols), 1.0);
  EXPECT_LT(distance(multiply(transpose(q), q), diagonal(ones)), 1e-13);
}

void expectSigns(const Matrix &q) {
  for (int64_t j = 0; j < q.cols; ++j) {
    double largest = 0, leading = 0;
    for (int64_t i = 0; i < q.rows; ++i)
      largest = std::max(largest, std::abs(q(i, j)));
    for (int64_t i = q.rows - 1; i >= 0; --i)
      if (std::abs(q(i, j)) >= largest * (1 - 1e-6))
        leading = q(i, j);
    EXPECT_GT(leading, 0) << "column " << j;
  }
}

void checkSvd(const Matrix &a, double scale) {
  Svd svd = llvm::cantFail(decomposeSvd(a));
  EXPECT_EQ(svd.sigma.size(), size_t(std::min(a.rows, a.cols)));
  for (size_t i = 0; i < svd.sigma.size(); ++i) {
    EXPECT_GE(svd.sigma[i], 0);
    if (i)
      EXPECT_LE(svd.sigma[i], svd.sigma[i - 1]);
  }
  expectOrthonormal(svd.u);
  expectOrthonormal(svd.v);
  expectSigns(svd.u);
  Matrix product =
      multiply(multiply(svd.u, diagonal(svd.sigma)), transpose(svd.v));
  EXPECT_LT(distance(product, a), 1e-13 * scale);
}

TEST(Decompose, SvdRebuildsTheMatrix) {
  uint64_t seed = 1;
  for (auto [rows, cols] : {std::pair<int64_t, int64_t>{1, 1},
                            {1, 7},
                            {7, 1},
                            {5, 5},
                            {40, 17},
                            {17, 40},
                            {64, 64},
                            {90, 33}})
    checkSvd(random(rows, cols, seed++), 10);
  // Scales near the limits of double, and a rank of 3 among 20.
  Matrix large = random(20, 20, 9), small = large;
  for (double &element : large.elements)
    element *= 1e150;
  for (double &element : small.elements)
    element *= 1e-150;
  checkSvd(large, 1e151);
  checkSvd(small, 1e-149);
  checkSvd(multiply(random(20, 3, 7), random(3, 20, 8)), 10);
  checkSvd(Matrix(6, 4), 1);
}

TEST(Decompose, SvdOfKnownMatrices) {
  // Rotations and reflections around diag(3, 2): known sigma, u and v.
  Svd svd = llvm::cantFail(decomposeSvd(Matrix(2, 2, {0, -3, 2, 0})));
  EXPECT_NEAR(svd.sigma[0], 3, 1e-15);
  EXPECT_NEAR(svd.sigma[1], 2, 1e-15);
  EXPECT_NEAR(svd.u(0, 0), 1, 1e-15);
  EXPECT_NEAR(svd.v(1, 0), -1, 1e-15);
  EXPECT_NEAR(svd.u(1, 1), 1, 1e-15);
  EXPECT_NEAR(svd.v(0, 1), 1, 1e-15);
  // [[1, 1], [0, 1]] has the golden ratio and its inverse.
  svd = llvm::cantFail(decomposeSvd(Matrix(2, 2, {1, 1, 0, 1})));
  double golden = (1 + std::sqrt(5.0)) / 2;
  EXPECT_NEAR(svd.sigma[0], golden, 1e-15);
  EXPECT_NEAR(svd.sigma[1], 1 / golden, 1e-15);
}

/// The k largest singular values leave an error of the (k+1)-th.
TEST(Decompose, SvdTruncatedIsBest) {
  Matrix a = random(30, 20, 3);
  Svd svd = llvm::cantFail(decomposeSvd(a));
  std::vector<double> kept = svd.sigma;
  std::fill(kept.begin() + 5, kept.end(), 0.0);
  Matrix rest = multiply(multiply(svd.u, diagonal(kept)), transpose(svd.v));
  for (size_t i = 0; i < rest.elements.size(); ++i)
    rest.elements[i] = a.elements[i] - rest.elements[i];
  Svd ofRest = llvm::cantFail(decomposeSvd(rest));
  EXPECT_NEAR(ofRest.sigma[0], svd.sigma[5], 1e-13);
}

TEST(Decompose, SymmetricRebuildsTheMatrix) {
  for (int64_t n : {1, 2, 9, 40}) {
    Matrix b = random(n, n, static_cast<uint64_t>(n)), a(n, n);
    for (int64_t i = 0; i < n; ++i)
      for (int64_t j = 0; j < n; ++j)
        a(i, j) = b(i, j) + b(j, i);
    SymmetricEigen eigen = llvm::cantFail(decomposeSymmetric(a));
    for (size_t i = 1; i < eigen.lambda.size(); ++i)
      EXPECT_LE(eigen.lambda[i], eigen.lambda[i - 1]);
    expectOrthonormal(eigen.q);
    expectSigns(eigen.q);
    Matrix product =
        multiply(multiply(eigen.q, diagonal(eigen.lambda)), transpose(eigen.q));
    EXPECT_LT(distance(product, a), 1e-12);
  }
}

/// The path graph: lambda_k = 2 cos(pi k / (n + 1)), vectors are sines.
TEST(Decompose, SymmetricOfAKnownMatrix) {
  constexpr int64_t n = 12;
  const double pi = std::acos(-1.0);
  Matrix a(n, n);
  for (int64_t i = 0; i + 1 < n; ++i)
    a(i, i + 1) = a(i + 1, i) = 1;
  SymmetricEigen eigen = llvm::cantFail(decomposeSymmetric(a));
  for (int64_t k = 1; k <= n; ++k) {
    double angle = pi * static_cast<double>(k) / (n + 1);
    EXPECT_NEAR(eigen.lambda[size_t(k - 1)], 2 * std::cos(angle), 1e-14);
    double sign = eigen.q(0, k - 1) < 0 ? -1 : 1;
    for (int64_t i = 0; i < n; ++i)
      EXPECT_NEAR(eigen.q(i, k - 1),
                  sign * std::sqrt(2.0 / (n + 1)) *
                      std::sin(angle * static_cast<double>(i + 1)),
                  1e-13);
  }
}

TEST(Decompose, LeastSquaresLeavesAnOrthogonalRest) {
  Matrix a = random(30, 8, 4), b = random(30, 3, 5);
  LeastSquares solved = llvm::cantFail(solveLeastSquares(a, b));
  EXPECT_EQ(solved.rank, 8);
  Matrix rest = multiply(a, solved.x);
  for (size_t i = 0; i < rest.elements.size(); ++i)
    rest.elements[i] -= b.elements[i];
  EXPECT_LT(distance(multiply(transpose(a), rest), Matrix(8, 3)), 1e-13);
  // A line through three points, by hand: y = 1.5 x + 1/3.
  Matrix line =
      llvm::cantFail(solveLeastSquares(Matrix(3, 2, {0, 1, 1, 1, 2, 1}),
                                       Matrix(3, 1, {0, 2.5, 3})))
          .x;
  EXPECT_NEAR(line(0, 0), 1.5, 1e-14);
  EXPECT_NEAR(line(1, 0), 1.0 / 3, 1e-14);
}

TEST(Decompose, LeastSquaresPrefersTheLeastNorm) {
  // Two equal columns share; and one equation in two unknowns.
  LeastSquares solved = llvm::cantFail(solveLeastSquares(
      Matrix(3, 2, {1, 1, 2, 2, 3, 3}), Matrix(3, 1, {2, 4, 6})));
  EXPECT_EQ(solved.rank, 1);
  EXPECT_NEAR(solved.x(0, 0), 1, 1e-14);
  EXPECT_NEAR(solved.x(1, 0), 1, 1e-14);
  solved = llvm::cantFail(
      solveLeastSquares(Matrix(1, 2, {3, 4}), Matrix(1, 1, {25})));
  EXPECT_NEAR(solved.x(0, 0), 3, 1e-14);
  EXPECT_NEAR(solved.x(1, 0), 4, 1e-14);
}

/// (aᵀa + ridge) x = aᵀb, in closed form for one column.
TEST(Decompose, RidgeShrinks) {
  LeastSquares solved = llvm::cantFail(solveLeastSquares(
      Matrix(2, 1, {3, 4}), Matrix(2, 1, {6, 8}), /*ridge=*/5));
  EXPECT_NEAR(solved.x(0, 0), 50.0 / 30, 1e-14);
  EXPECT_EQ(solved.rank, 1);
  Matrix a = random(10, 4, 1), b = random(10, 2, 2);
  Matrix x = llvm::cantFail(solveLeastSquares(a, b, 0.3)).x;
  Matrix normal = multiply(transpose(a), a);
  for (int64_t i = 0; i < 4; ++i)
    normal(i, i) += 0.3;
  EXPECT_LT(distance(multiply(normal, x), multiply(transpose(a), b)), 1e-14);
}

TEST(Decompose, TheSameBitsEveryTime) {
  Matrix a = random(60, 45, 11);
  Svd first = llvm::cantFail(decomposeSvd(a));
  Svd second = llvm::cantFail(decomposeSvd(a));
  EXPECT_EQ(first.u.elements, second.u.elements);
  EXPECT_EQ(first.sigma, second.sigma);
  EXPECT_EQ(first.v.elements, second.v.elements);
}

template <typename T> std::string errorOf(llvm::Expected<T> value) {
  return value ? "no error" : llvm::toString(value.takeError());
}

TEST(Decompose, RefusesWhatHasNoAnswer) {
  double nan = std::nan(""), inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(errorOf(decomposeSvd(Matrix(2, 3, {1, 2, 3, 4, nan, 6}))),
            "svd: found NaN at row 1, column 1 of a 2 x 3 matrix, wanted "
            "finite numbers");
  EXPECT_EQ(errorOf(decomposeSymmetric(Matrix(1, 1, {-inf}))),
            "symmetric eigenvalues: found infinity at row 0, column 0 of a "
            "1 x 1 matrix, wanted finite numbers");
  EXPECT_EQ(errorOf(decomposeSymmetric(Matrix(2, 3))),
            "symmetric eigenvalues: found a 2 x 3 matrix, wanted a square one");
  EXPECT_EQ(errorOf(decomposeSymmetric(Matrix(2, 2, {1, 2, 3, 1}))),
            "symmetric eigenvalues: found 3.000000 at row 1, column 0 and "
            "2.000000 opposite, wanted a symmetric matrix");
  EXPECT_EQ(errorOf(solveLeastSquares(Matrix(2, 2), Matrix(3, 1))),
            "least squares: found a right side of 3 x 1, wanted 2 rows, those "
            "of the matrix of 2 x 2");
  EXPECT_EQ(errorOf(solveLeastSquares(Matrix(1, 1), Matrix(1, 1, {inf}))),
            "least squares, right side: found infinity at row 0, column 0 of "
            "a 1 x 1 matrix, wanted finite numbers");
  EXPECT_EQ(errorOf(solveLeastSquares(Matrix(1, 1), Matrix(1, 1), -1)),
            "least squares: found ridge -1.000000, wanted a finite number of "
            "at least 0");
  EXPECT_EQ(errorOf(decomposeSvd(Matrix(2, 2, {1, 2, 3}))),
            "svd: found 3 elements, wanted 2 x 2");
}

TEST(Decompose, EmptyMatricesAreFine) {
  Svd svd = llvm::cantFail(decomposeSvd(Matrix(3, 0)));
  EXPECT_EQ(svd.u.rows, 3);
  EXPECT_EQ(svd.v.rows, 0);
  EXPECT_TRUE(svd.sigma.empty());
  EXPECT_TRUE(llvm::cantFail(decomposeSymmetric(Matrix())).lambda.empty());
  LeastSquares solved =
      llvm::cantFail(solveLeastSquares(Matrix(0, 2), Matrix(0, 3)));
  EXPECT_EQ(solved.x.elements, std::vector<double>(6, 0.0));
}

} // namespace
