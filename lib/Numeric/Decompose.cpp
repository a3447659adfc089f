//===- Decompose.cpp - Matrix decompositions ------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

// One thread, and block sizes that do not depend on the machine's caches: the
// order of summation, and with it the last bit, would.
#define EIGEN_DONT_PARALLELIZE
#define EIGEN_NO_CPUID
#define EIGEN_MPL2_ONLY

#include "heed/Numeric/Decompose.h"
#include "heed/Support/Error.h"

#include <Eigen/Dense>

#include <cmath>

namespace heed {

using RowMajor =
    Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

static Eigen::MatrixXd toEigen(const Matrix &a) {
  return Eigen::Map<const RowMajor>(a.elements.data(), a.rows, a.cols);
}

static Matrix fromEigen(const Eigen::MatrixXd &a) {
  Matrix result(a.rows(), a.cols());
  Eigen::Map<RowMajor>(result.elements.data(), a.rows(), a.cols()) = a;
  return result;
}

static std::string printSize(const Matrix &a) {
  return std::to_string(a.rows) + " x " + std::to_string(a.cols);
}

/// Refuses sizes that do not fit the elements, and what is not finite.
static llvm::Error checkFinite(const char *what, const Matrix &a) {
  if (a.rows < 0 || a.cols < 0 ||
      static_cast<uint64_t>(a.rows) * static_cast<uint64_t>(a.cols) !=
          a.elements.size())
    return makeError(llvm::Twine(what) + ": found " +
                     llvm::Twine(a.elements.size()) + " elements, wanted " +
                     printSize(a));
  for (int64_t row = 0; row < a.rows; ++row)
    for (int64_t col = 0; col < a.cols; ++col)
      if (!std::isfinite(a(row, col)))
        return makeError(llvm::Twine(what) + ": found " +
                         (std::isnan(a(row, col)) ? "NaN" : "infinity") +
                         " at row " + llvm::Twine(row) + ", column " +
                         llvm::Twine(col) + " of a " + printSize(a) +
                         " matrix, wanted finite numbers");
  return llvm::Error::success();
}

/// Returns -1 if the leading entry of a column (see the header) is negative.
static double signOf(const Eigen::VectorXd &column) {
  double largest = column.cwiseAbs().maxCoeff();
  for (double entry : column)
    if (std::abs(entry) >= largest * (1 - 1e-6))
      return entry < 0 ? -1 : 1;
  return 1;
}

/// Eigen's iterations end in NaNs or an error code when they fail.
static llvm::Error didNotConverge(const char *what, const Matrix &a) {
  return makeError(llvm::Twine(what) + ": found no solution for a " +
                   printSize(a) +
                   " matrix, wanted convergence within double precision");
}

llvm::Expected<Svd> decomposeSvd(const Matrix &a) {
  if (llvm::Error error = checkFinite("svd", a))
    return std::move(error);
  if (a.rows == 0 || a.cols == 0)
    return Svd{Matrix(a.rows, 0), {}, Matrix(a.cols, 0)};
  Eigen::BDCSVD<Eigen::MatrixXd> svd(toEigen(a),
                                     Eigen::ComputeThinU | Eigen::ComputeThinV);
  Eigen::MatrixXd u = svd.matrixU(), v = svd.matrixV();
  Eigen::VectorXd sigma = svd.singularValues();
  if (svd.info() != Eigen::Success || !u.allFinite() || !v.allFinite() ||
      !sigma.allFinite())
    return didNotConverge("svd", a);
  for (Eigen::Index i = 0; i < sigma.size(); ++i) {
    double sign = signOf(u.col(i));
    u.col(i) *= sign;
    v.col(i) *= sign;
  }
  return Svd{fromEigen(u), {sigma.begin(), sigma.end()}, fromEigen(v)};
}

/// Refuses what is not symmetric but for rounding.
static llvm::Error checkSymmetric(const Matrix &a) {
  if (a.rows != a.cols)
    return makeError("symmetric eigenvalues: found a " + printSize(a) +
                     " matrix, wanted a square one");
  double largest = 0;
  for (double element : a.elements)
    largest = std::max(largest, std::abs(element));
  for (int64_t row = 0; row < a.rows; ++row)
    for (int64_t col = 0; col < row; ++col)
      // Halves, because the difference of finite numbers may be infinite.
      if (std::abs(a(row, col) / 2 - a(col, row) / 2) > 0.5e-9 * largest)
        return makeError("symmetric eigenvalues: found " +
                         std::to_string(a(row, col)) + " at row " +
                         llvm::Twine(row) + ", column " + llvm::Twine(col) +
                         " and " + std::to_string(a(col, row)) +
                         " opposite, wanted a symmetric matrix");
  return llvm::Error::success();
}

llvm::Expected<SymmetricEigen> decomposeSymmetric(const Matrix &a) {
  if (llvm::Error error = checkFinite("symmetric eigenvalues", a))
    return std::move(error);
  if (llvm::Error error = checkSymmetric(a))
    return std::move(error);
  if (a.rows == 0)
    return SymmetricEigen();
  Eigen::MatrixXd matrix = toEigen(a);
  Eigen::MatrixXd symmetric = matrix / 2 + matrix.transpose() / 2;
  Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(symmetric);
  if (solver.info() != Eigen::Success || !solver.eigenvectors().allFinite() ||
      !solver.eigenvalues().allFinite())
    return didNotConverge("symmetric eigenvalues", a);
  // Eigen's order is ascending.
  Eigen::VectorXd lambda = solver.eigenvalues().reverse();
  Eigen::MatrixXd q = solver.eigenvectors().rowwise().reverse();
  for (Eigen::Index i = 0; i < lambda.size(); ++i)
    q.col(i) *= signOf(q.col(i));
  return SymmetricEigen{{lambda.begin(), lambda.end()}, fromEigen(q)};
}

/// Appends the rows sqrt(ridge)·I to `a` and as many zero rows to `b`: the
/// least squares of the longer problem are those of the ridge.
static void appendRidge(Eigen::MatrixXd &a, Eigen::MatrixXd &b, double ridge) {
  Eigen::Index rows = a.rows(), cols = a.cols();
  a.conservativeResize(rows + cols, Eigen::NoChange);
  a.bottomRows(cols) = std::sqrt(ridge) * Eigen::MatrixXd::Identity(cols, cols);
  b.conservativeResize(rows + cols, Eigen::NoChange);
  b.bottomRows(cols).setZero();
}

llvm::Expected<LeastSquares> solveLeastSquares(const Matrix &a, const Matrix &b,
                                               double ridge) {
  if (llvm::Error error = checkFinite("least squares", a))
    return std::move(error);
  if (llvm::Error error = checkFinite("least squares, right side", b))
    return std::move(error);
  if (a.rows != b.rows)
    return makeError("least squares: found a right side of " + printSize(b) +
                     ", wanted " + llvm::Twine(a.rows) +
                     " rows, those of the matrix of " + printSize(a));
  if (!(ridge >= 0) || std::isinf(ridge))
    return makeError("least squares: found ridge " + std::to_string(ridge) +
                     ", wanted a finite number of at least 0");
  if (a.rows == 0 || a.cols == 0 || b.cols == 0)
    return LeastSquares{Matrix(a.cols, b.cols), 0};
  Eigen::MatrixXd left = toEigen(a), right = toEigen(b);
  if (ridge > 0)
    appendRidge(left, right, ridge);
  Eigen::CompleteOrthogonalDecomposition<Eigen::MatrixXd> solver(left);
  Eigen::MatrixXd x = solver.solve(right);
  if (!x.allFinite())
    return didNotConverge("least squares", a);
  return LeastSquares{fromEigen(x), solver.rank()};
}

} // namespace heed
