//===- Tensor.cpp - Values of the reference -------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Tensor.h"
#include "heed/Support/HalfFloat.h"

#include <cassert>
#include <functional>
#include <numeric>

namespace heed::reference {

double roundTo(Element element, double value) {
  switch (element) {
  case Element::F32:
    return static_cast<float>(value);
  case Element::BF16:
    return bf16ToDouble(doubleToBf16(value));
  case Element::F16:
    return f16ToDouble(doubleToF16(value));
  case Element::F64:
  case Element::I64:
  case Element::I32:
  case Element::I1:
    return value;
  }
  return value;
}

bool isFloat(Element element) { return element <= Element::F16; }

int64_t elementBytes(Element element) {
  switch (element) {
  case Element::F64:
  case Element::I64:
    return 8;
  case Element::F32:
  case Element::I32:
    return 4;
  case Element::BF16:
  case Element::F16:
    return 2;
  case Element::I1:
    return 1;
  }
  return 0;
}

static int64_t product(llvm::ArrayRef<int64_t> shape) {
  return std::accumulate(shape.begin(), shape.end(), int64_t(1),
                         std::multiplies<int64_t>());
}

Tensor::Tensor(Element element, llvm::ArrayRef<int64_t> shape)
    : element(element), shape(shape.begin(), shape.end()),
      data(product(shape)) {}

Tensor::Tensor(Element element, llvm::ArrayRef<int64_t> shape,
               std::vector<double> values)
    : element(element), shape(shape.begin(), shape.end()),
      data(std::move(values)) {
  assert(size() == product(shape) && "one value for each element");
  round();
}

Tensor Tensor::scalar(Element element, double value) {
  return Tensor(element, {}, std::vector<double>{value});
}

int64_t Tensor::rows() const {
  return shape.empty() ? 1 : product(llvm::ArrayRef(shape).drop_back());
}

void Tensor::round() {
  if (element == Element::F64 || !isFloat(element))
    return;
  for (double &value : data)
    value = roundTo(element, value);
}

std::string printShape(llvm::ArrayRef<int64_t> shape) {
  std::string text;
  for (int64_t size : shape)
    text += (text.empty() ? "" : "x") + std::to_string(size);
  return text.empty() ? "scalar" : text;
}

} // namespace heed::reference
