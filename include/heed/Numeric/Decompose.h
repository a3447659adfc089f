//===- Decompose.h - Matrix decompositions ---------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The decompositions by which weights are rewritten, in double:
///
///     a = u · diag(sigma) · vᵀ        decomposeSvd
///     a = q · diag(lambda) · qᵀ       decomposeSymmetric
///     min over x of |a · x - b|       solveLeastSquares
///
/// The same input gives the same bits in every run: one thread, no BLAS,
/// nothing that asks for the size of a cache.
///
/// Signs: singular vectors and eigenvectors are unique only up to a sign. The
/// one returned has its leading entry positive: the first among the entries of
/// u's (q's) column whose magnitude is within one part in 10^6 of the largest.
/// The slack keeps entries that are equal but for rounding from changing
/// places. The column of v follows that of u. Vectors of equal singular values
/// or eigenvalues may still be any basis of their common space.
///
/// Matrices with a NaN or an infinity are refused; the error says where.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_NUMERIC_DECOMPOSE_H
#define HEED_NUMERIC_DECOMPOSE_H

#include "llvm/Support/Error.h"

#include <cstdint>
#include <utility>
#include <vector>

namespace heed {

/// A dense matrix that owns its elements, row by row. Either size may be 0.
struct Matrix {
  Matrix() = default;
  /// All elements 0.
  Matrix(int64_t rows, int64_t cols)
      : rows(rows), cols(cols),
        elements(static_cast<size_t>(rows) * static_cast<size_t>(cols)) {}
  /// REQUIRES: `elements` holds rows · cols numbers.
  Matrix(int64_t rows, int64_t cols, std::vector<double> elements)
      : rows(rows), cols(cols), elements(std::move(elements)) {}

  double &operator()(int64_t row, int64_t col) {
    return elements[static_cast<size_t>(row * cols + col)];
  }
  double operator()(int64_t row, int64_t col) const {
    return elements[static_cast<size_t>(row * cols + col)];
  }

  int64_t rows = 0;
  int64_t cols = 0;
  std::vector<double> elements;
};

/// The thin singular value decomposition of an m × n matrix, k = min(m, n).
struct Svd {
  /// m × k, orthonormal columns.
  Matrix u;
  /// k values, at least 0, descending.
  std::vector<double> sigma;
  /// n × k, orthonormal columns (not transposed).
  Matrix v;
};

/// Decomposes any matrix.
llvm::Expected<Svd> decomposeSvd(const Matrix &a);

/// The eigenvalues and eigenvectors of a symmetric matrix.
struct SymmetricEigen {
  /// Descending.
  std::vector<double> lambda;
  /// Orthonormal columns, in the order of `lambda`.
  Matrix q;
};

/// Decomposes (a + aᵀ) / 2. Refuses a matrix that is not square, or whose
/// elements differ from those opposite by more than 10^-9 of the largest.
llvm::Expected<SymmetricEigen> decomposeSymmetric(const Matrix &a);

/// The answer of a least-squares problem.
struct LeastSquares {
  /// a.cols × b.cols.
  Matrix x;
  /// The rank found: singular values below about 10^-16 · max(m, n) of the
  /// largest count as 0. With a ridge, a.cols.
  int64_t rank = 0;
};

/// Finds the x that minimises |a·x - b|² + ridge·|x|², column by column of b.
/// Without ridge and with several minima, it is the x of least norm. Refuses
/// different numbers of rows and a negative ridge.
llvm::Expected<LeastSquares> solveLeastSquares(const Matrix &a, const Matrix &b,
                                               double ridge = 0);

} // namespace heed

#endif // HEED_NUMERIC_DECOMPOSE_H
