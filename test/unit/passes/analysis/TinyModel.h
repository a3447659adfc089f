//===- TinyModel.h - A model of one layer for tests -------------*- C++ -*-===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
///
/// \file
/// A model that fits on a page, as IR, and what it computes, written down a
/// second time: all tokens at once, no cache, no rounding.
///
//===----------------------------------------------------------------------===//

#ifndef HEED_TEST_UNIT_PASSES_ANALYSIS_TINYMODEL_H
#define HEED_TEST_UNIT_PASSES_ANALYSIS_TINYMODEL_H

#include "passes/analysis/ReferenceModel.h"

#include <cmath>
#include <map>
#include <random>

namespace heed {

/// V = 5, C = 4, two query heads of width 2, one key head.
inline constexpr char kTinyModel[] = R"(
    module attributes {
      attn.model = {vocabulary = 5 : i64, context = 32 : i64}
    } {
    attn.weight @embed : tensor<5x4xf32> init {
      %0 = arith.constant dense<0.0> : tensor<5x4xf32>
      attn.yield %0 : tensor<5x4xf32> }
    attn.weight @wq : tensor<4x4xf32> init {
      %0 = arith.constant dense<0.0> : tensor<4x4xf32>
      attn.yield %0 : tensor<4x4xf32> }
    attn.weight @wk : tensor<2x4xf32> init {
      %0 = arith.constant dense<0.0> : tensor<2x4xf32>
      attn.yield %0 : tensor<2x4xf32> }
    attn.weight @wv : tensor<2x4xf32> init {
      %0 = arith.constant dense<0.0> : tensor<2x4xf32>
      attn.yield %0 : tensor<2x4xf32> }
    attn.weight @norm : tensor<4xf32> init {
      %0 = arith.constant dense<0.0> : tensor<4xf32>
      attn.yield %0 : tensor<4xf32> }
    attn.weight @inv_freq : tensor<1xf32> init {
      %0 = arith.constant dense<0.5> : tensor<1xf32>
      attn.yield %0 : tensor<1xf32> }
    func.func @step(%ids: tensor<?x?xi32>, %pos: tensor<?x?xi32>,
                    %rows: tensor<?x?xi32>, %c0: CACHE)
        -> (tensor<?x?x5xf32>, CACHE) {
      %embed = attn.use @embed : tensor<5x4xf32>
      %g = attn.use @norm : tensor<4xf32>
      %f = attn.use @inv_freq : tensor<1xf32>
      %h0 = attn.embed %embed, %ids : tensor<5x4xf32>, tensor<?x?xi32>
          -> tensor<?x?x4xf32>
      %h1, %c1 = attn.layer 0 "decoder" (%x = %h0, %c = %c0)
          : (tensor<?x?x4xf32>, CACHE) -> (tensor<?x?x4xf32>, CACHE) {
        %wq = attn.use @wq : tensor<4x4xf32>
        %wk = attn.use @wk : tensor<2x4xf32>
        %wv = attn.use @wv : tensor<2x4xf32>
        %n = attn.norm rms %x, %g epsilon(1.0e-5)
            : tensor<?x?x4xf32>, tensor<4xf32>
        %q0 = attn.linear %n, %wq : tensor<?x?x4xf32>, tensor<4x4xf32>
            -> tensor<?x?x4xf32>
        %k0 = attn.linear %n, %wk : tensor<?x?x4xf32>, tensor<2x4xf32>
            -> tensor<?x?x2xf32>
        %v0 = attn.linear %n, %wv : tensor<?x?x4xf32>, tensor<2x4xf32>
            -> tensor<?x?x2xf32>
        %q1 = attn.split_heads %q0 2 : tensor<?x?x4xf32>
        %k1 = attn.split_heads %k0 1 : tensor<?x?x2xf32>
        %v = attn.split_heads %v0 1 : tensor<?x?x2xf32>
        %q = attn.rotary %q1, %pos, %f amplitude(1.0) : tensor<?x2x?x2xf32>,
            tensor<?x?xi32>, tensor<1xf32>
        %k = attn.rotary %k1, %pos, %f amplitude(1.0) : tensor<?x1x?x2xf32>,
            tensor<?x?xi32>, tensor<1xf32>
        %kc, %vc, %pc = attn.cache_read %c : CACHE
            -> tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>, tensor<?x?xi32>
        %o = attn.attention %q
            keys(%kc, %k : tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>)
            values(%vc, %v : tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>)
            at(%pos to %pc, %pos
               : tensor<?x?xi32> to tensor<?x?xi32>, tensor<?x?xi32>)
            MASK scale(0.5) : tensor<?x2x?x2xf32> -> tensor<?x2x?x2xf32>
        %cn = attn.cache_append %c, %pos, %k, %v
            : CACHE, tensor<?x1x?x2xf32>, tensor<?x1x?x2xf32>
        %m = attn.merge_heads %o : tensor<?x2x?x2xf32>
        %y = arith.addf %x, %m : tensor<?x?x4xf32>
        attn.yield %y, %cn : tensor<?x?x4xf32>, CACHE
      }
      %r = attn.gather_tokens %h1, %rows : tensor<?x?x4xf32>, tensor<?x?xi32>
          -> tensor<?x?x4xf32>
      %l = attn.linear %r, %embed : tensor<?x?x4xf32>, tensor<5x4xf32>
          -> tensor<?x?x5xf32>
      return %l, %c1 : tensor<?x?x5xf32>, CACHE
    } })";

/// Returns the text with cache type and mask filled in.
inline std::string tinyModel(llvm::StringRef cache, llvm::StringRef mask) {
  std::string text = kTinyModel;
  auto replaceAll = [&](llvm::StringRef from, llvm::StringRef to) {
    for (size_t at = 0; (at = text.find(from.str(), at)) != std::string::npos;
         at += to.size())
      text.replace(at, from.size(), to.str());
  };
  replaceAll("CACHE", cache);
  replaceAll("MASK", mask);
  return text;
}

using TinyWeights = std::map<std::string, reference::Tensor>;

inline TinyWeights tinyWeights() {
  TinyWeights weights;
  std::mt19937 random(7);
  auto fill = [&](const char *name, std::vector<int64_t> shape) {
    reference::Tensor tensor(reference::Element::F32, shape);
    for (double &value : tensor.data)
      value = static_cast<double>(random() % 2001) / 1000 - 1;
    tensor.round();
    weights.emplace(name, std::move(tensor));
  };
  fill("embed", {5, 4});
  fill("wq", {4, 4});
  fill("wk", {2, 4});
  fill("wv", {2, 4});
  fill("norm", {4});
  return weights;
}

/// Returns the logits of the last of `ids`, which stand at 0, 1, ...; a query
/// sees the last `window` keys, its own included, and the first `sinks`.
inline std::vector<double> tinyLogits(const TinyWeights &weights,
                                      const std::vector<int> &ids, int window,
                                      int sinks) {
  int count = static_cast<int>(ids.size());
  auto multiply = [&](const char *name, const double *x, int outputs) {
    std::vector<double> y(outputs, 0.0);
    for (int o = 0; o < outputs; ++o)
      for (int i = 0; i < 4; ++i)
        y[o] += weights.at(name).data[o * 4 + i] * x[i];
    return y;
  };
  auto rotate = [](double *x, int position) {
    double angle = position * 0.5, a = x[0], b = x[1];
    x[0] = a * std::cos(angle) - b * std::sin(angle);
    x[1] = b * std::cos(angle) + a * std::sin(angle);
  };
  std::vector<std::vector<double>> q(count), k(count), v(count);
  const double *hidden = nullptr;
  for (int t = 0; t < count; ++t) {
    hidden = weights.at("embed").data.data() + ids[t] * 4;
    double squares = 0, normed[4];
    for (int i = 0; i < 4; ++i)
      squares += hidden[i] * hidden[i];
    for (int i = 0; i < 4; ++i)
      normed[i] = hidden[i] / std::sqrt(squares / 4 + 1e-5) *
                  weights.at("norm").data[i];
    q[t] = multiply("wq", normed, 4);
    k[t] = multiply("wk", normed, 2);
    v[t] = multiply("wv", normed, 2);
    rotate(&q[t][0], t);
    rotate(&q[t][2], t);
    rotate(&k[t][0], t);
  }
  double result[4];
  for (int head = 0; head < 2; ++head) {
    double sum = 0, output[2] = {0, 0};
    for (int t = 0; t < count; ++t) {
      if (t < count - window && t >= sinks)
        continue;
      double score = 0.5 * (q[count - 1][head * 2] * k[t][0] +
                            q[count - 1][head * 2 + 1] * k[t][1]);
      sum += std::exp(score);
      output[0] += std::exp(score) * v[t][0];
      output[1] += std::exp(score) * v[t][1];
    }
    for (int d = 0; d < 2; ++d)
      result[head * 2 + d] = hidden[head * 2 + d] + output[d] / sum;
  }
  return multiply("embed", result, 5);
}

} // namespace heed

#endif // HEED_TEST_UNIT_PASSES_ANALYSIS_TINYMODEL_H
