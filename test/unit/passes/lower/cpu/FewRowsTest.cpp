//===- FewRowsTest.cpp - Products of a few rows: matvec, decode -----------===//
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

/// y[M, n] = act(x[M, 176] * w[n, 176]^T + bias), 24 columns a program, K in
/// one piece. `E` is the element type of x and w.
const char *const kMatvec = R"(
!x = memref<?x176xE, strided<[176, 1], offset: ?>>
!b = memref<?xf32, strided<[1], offset: ?>>
!y = memref<?x?xf32, strided<[?, 1], offset: ?>>
tile.kernel @matvec(%x: memref<?xE>, %w: memref<?xE>, %bias: memref<?xf32>,
                    %y: memref<?xf32>, %n: index, %m: index) grid(%n by 24) {
  %c0 = arith.constant 0 : index
  %c24 = arith.constant 24 : index
  %p = tile.program_id 0
  %col = arith.muli %p, %c24 : index
  %xv = tile.view %x[%c0] sizes [%m, 176] strides [176, 1] : memref<?xE> to !x
  %wv = tile.view %w[%c0] sizes [%n, 176] strides [176, 1] : memref<?xE> to !x
  %bv = tile.view %bias[%c0] sizes [%n] strides [1] : memref<?xf32> to !b
  %yv = tile.view %y[%c0] sizes [%m, %n] strides [%n, 1] : memref<?xf32> to !y
  %a = tile.load %xv[%c0, %c0] : !x -> tensor<Mx176xE>
  %b = tile.load %wv[%col, %c0] : !x -> tensor<24x176xE>
  %g = tile.load %bv[%col] : !b -> tensor<24xf32>
  %acc = tile.broadcast %g over 0 : tensor<24xf32> -> tensor<Mx24xf32>
  %r = tile.mma %a, %b, %acc {transpose_b}
      : tensor<Mx176xE>, tensor<24x176xE>, tensor<Mx24xf32>
  // x * sigmoid(x)
  %one = arith.constant dense<1.0> : tensor<Mx24xf32>
  %neg = arith.negf %r : tensor<Mx24xf32>
  %e = math.exp %neg : tensor<Mx24xf32>
  %den = arith.addf %e, %one : tensor<Mx24xf32>
  %s = arith.divf %r, %den : tensor<Mx24xf32>
  tile.store %s, %yv[%c0, %col] : tensor<Mx24xf32>, !y
  tile.return
})";

/// `text` with M and E filled in.
std::string fill(std::string text, int64_t rows, const std::string &element) {
  auto replace = [&](const std::string &from, const std::string &to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos;
         at += to.size())
      text.replace(at, from.size(), to);
  };
  replace("<Mx", "<" + std::to_string(rows) + "x");
  replace("<M>", "<" + std::to_string(rows) + ">");
  replace("xE", "x" + element);
  return text;
}

class FewRows : public testing::TestWithParam<std::string> {};

TEST_P(FewRows, Matvec) {
  for (auto [m, narrow] : {std::pair<int64_t, bool>(1, true),
                           {3, false},
                           {8, true},
                           {16, false},
                           {16, true}}) {
    const int64_t n = 100; // not a multiple of 24
    Kernels kernels(fill(kMatvec, m, narrow ? "bf16" : "f32"), GetParam());
    std::vector<float> x = randomFloats(m * 176, 1);
    std::vector<float> w = randomFloats(n * 176, 2);
    std::vector<float> bias = randomFloats(n, 3), y(m * n + 8, 7.0f);
    std::vector<uint16_t> x16 = toBF16(x), w16 = toBF16(w);
    if (narrow)
      for (auto [from, to] : {std::pair(&x16, &x), {&w16, &w}})
        for (size_t i = 0; i < to->size(); ++i)
          (*to)[i] = fromBF16((*from)[i]);
    kernels.run("matvec",
                {narrow ? Word(x16) : Word(x), narrow ? Word(w16) : Word(w),
                 bias, y, n, m},
                5);
    std::vector<double> want(m * n);
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) {
        double sum = bias[j];
        for (int64_t k = 0; k < 176; ++k)
          sum += double(x[i * 176 + k]) * w[j * 176 + k];
        want[i * n + j] = sum / (1 + std::exp(-sum));
      }
    EXPECT_LT(relativeError(y, want), 1e-6) << m << " " << narrow;
    EXPECT_EQ(y[m * n], 7.0f);
  }
}

/// Split decode: M heads of one group against keys lower .. upper; stores the
/// unnormalised sum, the maximum and the weight for a merge.
const char *const kDecode = R"(
!q = memref<?x64xE, strided<[64, 1], offset: ?>>
!o = memref<?x64xf32, strided<[64, 1], offset: ?>>
!l = memref<?xf32, strided<[1], offset: ?>>
tile.kernel @decode(%q: memref<?xE>, %k: memref<?xE>, %v: memref<?xE>,
                    %o: memref<?xf32>, %top: memref<?xf32>,
                    %weight: memref<?xf32>, %m: index, %n: index, %part: index)
    grid(%n by 100) {
  %c0 = arith.constant 0 : index
  %c32 = arith.constant 32 : index
  %p = tile.program_id 0
  %lower = arith.muli %p, %part : index
  %past = arith.addi %lower, %part : index
  %upper = arith.minsi %past, %n : index
  %row = arith.muli %p, %m : index
  %qv = tile.view %q[%c0] sizes [%m, 64] strides [64, 1] : memref<?xE> to !q
  %kv = tile.view %k[%c0] sizes [%upper, 64] strides [64, 1] : memref<?xE> to !q
  %vv = tile.view %v[%c0] sizes [%upper, 64] strides [64, 1] : memref<?xE> to !q
  %orow = arith.addi %row, %m : index
  %ov = tile.view %o[%c0] sizes [%orow, 64] strides [64, 1]
      : memref<?xf32> to !o
  %mv = tile.view %top[%c0] sizes [%orow] strides [1] : memref<?xf32> to !l
  %lv = tile.view %weight[%c0] sizes [%orow] strides [1] : memref<?xf32> to !l
  %zero = arith.constant dense<0.0> : tensor<Mx32xf32>
  %zo = arith.constant dense<0.0> : tensor<Mx64xf32>
  %z1 = arith.constant dense<0.0> : tensor<M>
  %low1 = arith.constant dense<-1.0e30> : tensor<M>
  %low = arith.constant dense<-1.0e30> : tensor<Mx32xf32>
  %qt = tile.load %qv[%c0, %c0] : !q -> tensor<Mx64xE>
  %a, %mx, %l = tile.stream (%lower to %upper step %c32)
      carry(%zo, %low1, %z1 : tensor<Mx64xf32>, tensor<M>, tensor<M>)
  load (%i: index) {
    %kt = tile.load %kv[%i, %c0] : !q -> tensor<32x64xE>
    %vt = tile.load %vv[%i, %c0] : !q -> tensor<32x64xE>
    %at = tile.iota %i : tensor<32xi32>
    tile.yield %kt, %vt, %at : tensor<32x64xE>, tensor<32x64xE>, tensor<32xi32>
  }
  body (%i: index, %kt: tensor<32x64xE>, %vt: tensor<32x64xE>,
        %at: tensor<32xi32>, %a0: tensor<Mx64xf32>, %m0: tensor<M>,
        %l0: tensor<M>) {
    %s = tile.mma %qt, %kt, %zero {transpose_b}
        : tensor<Mx64xE>, tensor<32x64xE>, tensor<Mx32xf32>
    %u32 = arith.index_cast %upper : index to i32
    %us = tensor.splat %u32 : tensor<32xi32>
    %in = arith.cmpi slt, %at, %us : tensor<32xi32>
    %see = tile.broadcast %in over 0 : tensor<32xi1> -> tensor<Mx32xi1>
    %sm = arith.select %see, %s, %low : tensor<Mx32xi1>, tensor<Mx32xf32>
    %m1 = tile.reduce <max> %sm over 1 : tensor<Mx32xf32> -> tensor<M>
    %m2 = arith.maximumf %m0, %m1 : tensor<M>
    %diff = arith.subf %m0, %m2 : tensor<M>
    %alpha = math.exp2 %diff : tensor<M>
    %mb = tile.broadcast %m2 over 1 : tensor<M> -> tensor<Mx32xf32>
    %sd = arith.subf %sm, %mb : tensor<Mx32xf32>
    %e = math.exp2 %sd : tensor<Mx32xf32>
    %lt = tile.reduce <add> %e over 1 : tensor<Mx32xf32> -> tensor<M>
    %l1 = arith.mulf %l0, %alpha : tensor<M>
    %l2 = arith.addf %l1, %lt : tensor<M>
    %ab = tile.broadcast %alpha over 1 : tensor<M> -> tensor<Mx64xf32>
    %a1 = arith.mulf %a0, %ab : tensor<Mx64xf32>
    %vw = VALUES
    %a2 = tile.mma %e, %vw, %a1
        : tensor<Mx32xf32>, tensor<32x64xf32>, tensor<Mx64xf32>
    tile.yield %a2, %m2, %l2 : tensor<Mx64xf32>, tensor<M>, tensor<M>
  }
  tile.store %a, %ov[%row, %c0] : tensor<Mx64xf32>, !o
  tile.store %mx, %mv[%row] : tensor<M>, !l
  tile.store %l, %lv[%row] : tensor<M>, !l
  tile.return
})";

/// The text of the decode kernel.
std::string decodeOf(int64_t rows, bool narrow) {
  std::string text = kDecode;
  std::string values =
      narrow ? "arith.extf %vt : tensor<32x64xbf16> to tensor<32x64xf32>"
             : "arith.addf %vt, %zv : tensor<32x64xf32>\n";
  text.replace(text.find("VALUES"), 6, values);
  if (!narrow)
    text.insert(text.find("%qt = tile"),
                "%zv = arith.constant dense<0.0> : tensor<32x64xf32>\n");
  for (size_t at; (at = text.find("tensor<M>")) != std::string::npos;)
    text.replace(at, 9, "tensor<" + std::to_string(rows) + "xf32>");
  return fill(text, rows, narrow ? "bf16" : "f32");
}

/// exp2-attention of one row, merged over `parts` of the decode kernel.
void checkDecode(const std::string &cpu, int64_t m, bool narrow) {
  const int64_t n = 250, part = 100, parts = 3;
  Kernels kernels(decodeOf(m, narrow), cpu);
  std::vector<float> q = randomFloats(m * 64, 4), k = randomFloats(n * 64, 5);
  std::vector<float> v = randomFloats(n * 64, 6);
  std::vector<uint16_t> q16 = toBF16(q), k16 = toBF16(k), v16 = toBF16(v);
  if (narrow)
    for (auto [from, to] : {std::pair(&q16, &q), {&k16, &k}, {&v16, &v}})
      for (size_t i = 0; i < to->size(); ++i)
        (*to)[i] = fromBF16((*from)[i]);
  std::vector<float> o(parts * m * 64), top(parts * m), weight(parts * m);
  std::vector<Word> words{q, k, v};
  if (narrow)
    words = {q16, k16, v16};
  for (Word word :
       {Word(o), Word(top), Word(weight), Word(m), Word(n), Word(part)})
    words.push_back(word);
  kernels.run("decode", words, parts);
  std::vector<float> got;
  std::vector<double> want;
  for (int64_t i = 0; i < m; ++i)
    for (int64_t d = 0; d < 64; ++d) {
      double sum = 0, total = 0, exact = 0, norm = 0;
      for (int64_t p = 0; p < parts; ++p) {
        double scale = std::exp2(double(top[p * m + i]));
        sum += scale * o[(p * m + i) * 64 + d];
        total += scale * weight[p * m + i];
      }
      for (int64_t j = 0; j < n; ++j) {
        double s = 0;
        for (int64_t c = 0; c < 64; ++c)
          s += double(q[i * 64 + c]) * k[j * 64 + c];
        norm += std::exp2(s);
        exact += std::exp2(s) * v[j * 64 + d];
      }
      got.push_back(static_cast<float>(sum / total));
      want.push_back(exact / norm);
    }
  EXPECT_LT(relativeError(got, want), 2e-6) << m << " " << narrow;
}

TEST_P(FewRows, Decode) {
  checkDecode(GetParam(), 1, false);
  checkDecode(GetParam(), 4, true);
  checkDecode(GetParam(), 8, false);
}

INSTANTIATE_TEST_SUITE_P(Processors, FewRows, testing::ValuesIn(processors()));

} // namespace
