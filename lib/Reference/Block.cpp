//===- Block.cpp - Parts of a block in plain loops ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Reference/Block.h"

#include <algorithm>
#include <cmath>

namespace heed::reference {

double dot(const double *a, const double *b, int64_t size) {
  // Independent sums: one alone would wait for every addition.
  constexpr int64_t lanes = 8;
  double sums[lanes] = {};
  int64_t i = 0;
  for (; i + lanes <= size; i += lanes)
    for (int64_t lane = 0; lane < lanes; ++lane)
      sums[lane] += a[i + lane] * b[i + lane];
  double sum = 0;
  for (; i < size; ++i)
    sum += a[i] * b[i];
  for (double part : sums)
    sum += part;
  return sum;
}

/// Copies row `index[b, n]` of group b of `source`; groups have `groupRows`
/// rows, and lie `groupStride` rows apart.
static void copyRows(const Tensor &source, const Tensor &index,
                     int64_t groupRows, int64_t groupStride, Tensor &result) {
  int64_t width = source.width();
  for (int64_t b = 0; b < index.shape[0]; ++b)
    for (int64_t n = 0; n < index.shape[1]; ++n) {
      double row = index.row(b)[n];
      if (row < 0 || row >= static_cast<double>(groupRows))
        continue;
      const double *from =
          source.row(b * groupStride + static_cast<int64_t>(row));
      std::copy(from, from + width, result.row(b * index.shape[1] + n));
    }
  result.round();
}

Tensor embed(const Tensor &table, const Tensor &ids, Element element) {
  Tensor result(element, {ids.shape[0], ids.shape[1], table.width()});
  copyRows(table, ids, table.shape[0], 0, result);
  return result;
}

Tensor gatherTokens(const Tensor &input, const Tensor &rows) {
  Tensor result(input.element, {rows.shape[0], rows.shape[1], input.width()});
  copyRows(input, rows, input.shape[1], input.shape[1], result);
  return result;
}

/// Linear without rounding.
static Tensor multiply(const Tensor &input, const Tensor &weight,
                       const Tensor *bias) {
  std::vector<int64_t> shape = input.shape;
  shape.back() = weight.shape[0];
  Tensor result(Element::F64, shape);
  int64_t rows = input.rows(), outputs = weight.shape[0];
  // Each row of the weight, the larger of the two, is loaded once.
  for (int64_t o = 0; o < outputs; ++o)
    for (int64_t r = 0; r < rows; ++r)
      result.data[r * outputs + o] =
          dot(input.row(r), weight.row(o), weight.width()) +
          (bias ? bias->data[o] : 0);
  return result;
}

Tensor linear(const Tensor &input, const Tensor &weight, const Tensor *bias,
              Element element) {
  Tensor result = multiply(input, weight, bias);
  result.element = element;
  result.round();
  return result;
}

/// Copies between B x N x H x D (`tokensFirst`) and B x H x N x D.
static void swapHeads(const Tensor &input, int64_t batch, int64_t tokens,
                      int64_t heads, bool tokensFirst, Tensor &result) {
  int64_t width = input.size() / std::max<int64_t>(batch * tokens * heads, 1);
  for (int64_t b = 0; b < batch; ++b)
    for (int64_t n = 0; n < tokens; ++n)
      for (int64_t h = 0; h < heads; ++h) {
        int64_t tokenRow = ((b * tokens + n) * heads + h) * width;
        int64_t headRow = ((b * heads + h) * tokens + n) * width;
        const double *from =
            input.data.data() + (tokensFirst ? tokenRow : headRow);
        std::copy(from, from + width,
                  result.data.data() + (tokensFirst ? headRow : tokenRow));
      }
}

Tensor splitHeads(const Tensor &input, int64_t heads) {
  int64_t batch = input.shape[0], tokens = input.shape[1];
  Tensor result(input.element, {batch, heads, tokens, input.shape[2] / heads});
  swapHeads(input, batch, tokens, heads, /*tokensFirst=*/true, result);
  return result;
}

Tensor mergeHeads(const Tensor &input) {
  int64_t batch = input.shape[0], heads = input.shape[1];
  int64_t tokens = input.shape[2];
  Tensor result(input.element, {batch, tokens, heads * input.shape[3]});
  swapHeads(input, batch, tokens, heads, /*tokensFirst=*/false, result);
  return result;
}

Tensor rmsNorm(const Tensor &input, const Tensor &weight, double epsilon) {
  Tensor result(input.element, input.shape);
  int64_t width = input.width();
  for (int64_t r = 0, e = input.rows(); r < e; ++r) {
    const double *x = input.row(r);
    double factor = 1 / std::sqrt(dot(x, x, width) / width + epsilon);
    for (int64_t c = 0; c < width; ++c)
      result.row(r)[c] = x[c] * factor * weight.data[c];
  }
  result.round();
  return result;
}

Tensor layerNorm(const Tensor &input, const Tensor &weight, const Tensor *bias,
                 double epsilon) {
  Tensor result(input.element, input.shape);
  int64_t width = input.width();
  for (int64_t r = 0, e = input.rows(); r < e; ++r) {
    const double *x = input.row(r);
    double mean = 0, variance = 0;
    for (int64_t c = 0; c < width; ++c)
      mean += x[c] / width;
    for (int64_t c = 0; c < width; ++c)
      variance += (x[c] - mean) * (x[c] - mean) / width;
    double factor = 1 / std::sqrt(variance + epsilon);
    for (int64_t c = 0; c < width; ++c)
      result.row(r)[c] =
          (x[c] - mean) * factor * weight.data[c] + (bias ? bias->data[c] : 0);
  }
  result.round();
  return result;
}

Tensor rotary(const Tensor &input, const Tensor &positions,
              const Tensor &inverseFrequencies, double amplitude) {
  Tensor result(input.element, input.shape);
  int64_t heads = input.shape[1], tokens = input.shape[2];
  int64_t half = inverseFrequencies.size(), width = input.width();
  for (int64_t row = 0, e = input.rows(); row < e; ++row) {
    int64_t b = row / (heads * tokens), n = row % tokens;
    double position = positions.row(b)[n];
    if (position < 0)
      continue;
    const double *x = input.row(row);
    double *y = result.row(row);
    for (int64_t i = 0; i < half; ++i) {
      // One f32 product, as the record demands.
      double angle = static_cast<float>(position * inverseFrequencies.data[i]);
      double cosine = std::cos(angle), sine = std::sin(angle);
      y[i] = amplitude * (x[i] * cosine - x[i + half] * sine);
      y[i + half] = amplitude * (x[i + half] * cosine + x[i] * sine);
    }
    std::copy(x + 2 * half, x + width, y + 2 * half);
  }
  result.round();
  return result;
}

double activate(Activation activation, double x) {
  switch (activation) {
  case Activation::Silu:
    return x / (1 + std::exp(-x));
  case Activation::Gelu:
    return 0.5 * x * (1 + std::erf(x * std::sqrt(0.5)));
  case Activation::GeluTanh: {
    double inner =
        std::sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x);
    return 0.5 * x * (1 + std::tanh(inner));
  }
  case Activation::Relu:
    return std::max(x, 0.0);
  }
  return x;
}

Tensor feedForward(Activation activation, const Tensor &input, const Tensor &up,
                   const Tensor &down, const Tensor *gate) {
  Tensor inner = multiply(input, up, nullptr);
  if (gate) {
    Tensor gates = multiply(input, *gate, nullptr);
    for (int64_t i = 0, e = inner.size(); i < e; ++i)
      inner.data[i] *= activate(activation, gates.data[i]);
  } else {
    for (double &value : inner.data)
      value = activate(activation, value);
  }
  Tensor result = multiply(inner, down, nullptr);
  result.element = input.element;
  result.round();
  return result;
}

} // namespace heed::reference
