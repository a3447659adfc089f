//===- Tensor.h - Values of the reference -----------------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// The tensor that the reference computes with: doubles that hold values of a
/// declared element type. Results of ops are rounded to that type once.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_REFERENCE_TENSOR_H
#define HEED_REFERENCE_TENSOR_H

#include "llvm/ADT/ArrayRef.h"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace heed::reference {

/// Element types. I64 stands for `index` too; what exceeds 2^53 is not exact.
enum class Element : uint8_t { F64, F32, BF16, F16, I64, I32, I1 };

/// Rounds to nearest, ties to even; integers are left alone.
double roundTo(Element element, double value);

/// Says whether it is one of the four floating-point types.
bool isFloat(Element element);

/// Returns the bytes of an element in memory.
int64_t elementBytes(Element element);

/// A dense array, row-major. Copies are deep.
struct Tensor {
  Element element = Element::F32;
  /// Empty for a scalar; a size may be 0.
  std::vector<int64_t> shape;
  std::vector<double> data;

  Tensor() = default;
  /// Makes a tensor of zeros.
  Tensor(Element element, llvm::ArrayRef<int64_t> shape);
  /// Rounds `values` to `element`.
  /// REQUIRES: as many values as the shape holds.
  Tensor(Element element, llvm::ArrayRef<int64_t> shape,
         std::vector<double> values);
  static Tensor scalar(Element element, double value);

  int64_t rank() const { return static_cast<int64_t>(shape.size()); }
  int64_t size() const { return static_cast<int64_t>(data.size()); }
  /// Returns the last size; 1 for a scalar.
  int64_t width() const { return shape.empty() ? 1 : shape.back(); }
  /// Returns the product of all sizes but the last; 1 for a scalar.
  int64_t rows() const;
  /// Returns the beginning of a row.
  const double *row(int64_t row) const { return data.data() + row * width(); }
  double *row(int64_t row) { return data.data() + row * width(); }

  /// Rounds all elements to the element type.
  void round();
};

/// Tensors are shared, never changed: weights are used without a copy.
using TensorRef = std::shared_ptr<const Tensor>;

/// Prints a shape for messages: "2x3", "scalar".
std::string printShape(llvm::ArrayRef<int64_t> shape);

} // namespace heed::reference

#endif // HEED_REFERENCE_TENSOR_H
