//===- UpstreamEvalTest.cpp - Values of the upstream ops of the whitelist -===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/dialects/EvalHarness.h"

#include <cmath>

using namespace mlir;

namespace heed {
namespace {

using reference::Tensor;
using Values = std::vector<double>;

class UpstreamEvalTest : public EvalHarness {
protected:
  /// Evaluates ops on %a and %b of type tensor<?xf32> whose last is %r.
  Values run(std::string ops, Values a, Values b = {},
             std::string type = "tensor<?xf32>") {
    b.resize(a.size());
    auto size = static_cast<int64_t>(a.size());
    auto found =
        evaluate("func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) -> " +
                     type + " {\n" + ops + "\n return %r : " + type + " }",
                 {floats({size}, a), floats({size}, b)});
    EXPECT_EQ(found.size(), 1u) << message;
    return found.empty() ? Values() : found[0].data;
  }
};

TEST_F(UpstreamEvalTest, Arithmetic) {
  EXPECT_EQ(run("%r = arith.addf %a, %b : tensor<?xf32>", {1, 2}, {3, 5}),
            (Values{4, 7}));
  EXPECT_EQ(run("%r = arith.subf %a, %b : tensor<?xf32>", {1, 2}, {3, 5}),
            (Values{-2, -3}));
  EXPECT_EQ(run("%r = arith.mulf %a, %b : tensor<?xf32>", {1, 2}, {3, 5}),
            (Values{3, 10}));
  // Rounded to f32.
  EXPECT_EQ(run("%r = arith.divf %a, %b : tensor<?xf32>", {1}, {3}),
            Values{1.0f / 3.0f});
  EXPECT_EQ(run("%r = arith.negf %a : tensor<?xf32>", {1, -2}),
            (Values{-1, 2}));
}

TEST_F(UpstreamEvalTest, MaximaTreatNaN) {
  Values found = run("%r = arith.maximumf %a, %b : tensor<?xf32>",
                     {1, NAN, -0.0}, {2, 1, 0.0});
  EXPECT_EQ(found[0], 2);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_FALSE(std::signbit(found[2]));
  found = run("%r = arith.minimumf %a, %b : tensor<?xf32>", {1, 1, -0.0},
              {2, NAN, 0.0});
  EXPECT_EQ(found[0], 1);
  EXPECT_TRUE(std::isnan(found[1]));
  EXPECT_TRUE(std::signbit(found[2]));
  EXPECT_EQ(run("%r = arith.maxnumf %a, %b : tensor<?xf32>", {NAN}, {1}),
            Values{1});
}

TEST_F(UpstreamEvalTest, ComparesFloatsByEveryPredicate) {
  struct Case {
    const char *predicate;
    Values wanted; // of less, equal, greater, unordered
  };
  for (const Case &c :
       {Case{"oeq", {0, 1, 0, 0}}, Case{"ogt", {0, 0, 1, 0}},
        Case{"oge", {0, 1, 1, 0}}, Case{"olt", {1, 0, 0, 0}},
        Case{"ole", {1, 1, 0, 0}}, Case{"one", {1, 0, 1, 0}},
        Case{"ord", {1, 1, 1, 0}}, Case{"ueq", {0, 1, 0, 1}},
        Case{"ugt", {0, 0, 1, 1}}, Case{"uge", {0, 1, 1, 1}},
        Case{"ult", {1, 0, 0, 1}}, Case{"ule", {1, 1, 0, 1}},
        Case{"une", {1, 0, 1, 1}}, Case{"uno", {0, 0, 0, 1}},
        Case{"true", {1, 1, 1, 1}}, Case{"false", {0, 0, 0, 0}}})
    EXPECT_EQ(run(std::string("%r = arith.cmpf ") + c.predicate +
                      ", %a, %b : tensor<?xf32>",
                  {1, 2, 3, NAN}, {2, 2, 2, 2}, "tensor<?xi1>"),
              c.wanted)
        << c.predicate;
}

TEST_F(UpstreamEvalTest, SelectsAndConverts) {
  EXPECT_EQ(run("%c = arith.cmpf olt, %a, %b : tensor<?xf32>\n"
                "%r = arith.select %c, %a, %b : tensor<?xi1>, tensor<?xf32>",
                {1, 5}, {2, 3}),
            (Values{1, 3}));
  EXPECT_EQ(run("%0 = arith.truncf %a : tensor<?xf32> to tensor<?xbf16>\n"
                "%r = arith.extf %0 : tensor<?xbf16> to tensor<?xf32>",
                {1.00390625, 257}),
            (Values{1, 256}));
  EXPECT_EQ(run("%0 = arith.fptosi %a : tensor<?xf32> to tensor<?xi32>\n"
                "%r = arith.sitofp %0 : tensor<?xi32> to tensor<?xf32>",
                {1.75, -1.75}),
            (Values{1, -1}));
}

TEST_F(UpstreamEvalTest, IntegersWrap) {
  EXPECT_EQ(run("%0 = arith.constant 2147483647 : i32\n"
                "%1 = arith.constant 1 : i32\n"
                "%r = arith.addi %0, %1 : i32",
                {0}, {}, "i32"),
            Values{-2147483648.0});
  EXPECT_EQ(run("%0 = arith.constant -1 : i32\n"
                "%1 = arith.constant 1 : i32\n"
                "%r = arith.cmpi ugt, %0, %1 : i32",
                {0}, {}, "i1"),
            Values{1});
  EXPECT_EQ(run("%0 = arith.constant true\n"
                "%r = arith.xori %0, %0 : i1",
                {0}, {}, "i1"),
            Values{0});
}

TEST_F(UpstreamEvalTest, Functions) {
  using Function = double (*)(double);
  std::pair<const char *, Function> functions[] = {
      {"exp", std::exp},   {"exp2", std::exp2}, {"log", std::log},
      {"tanh", std::tanh}, {"sqrt", std::sqrt}, {"absf", std::fabs}};
  for (auto &[name, function] : functions)
    EXPECT_EQ(run(std::string("%r = math.") + name + " %a : tensor<?xf32>",
                  {0.75, 2}),
              (Values{static_cast<float>(function(0.75)),
                      static_cast<float>(function(2))}))
        << name;
  EXPECT_EQ(run("%r = math.rsqrt %a : tensor<?xf32>", {4}), Values{0.5});
}

TEST_F(UpstreamEvalTest, TensorsChangeShape) {
  EXPECT_EQ(run("%0 = arith.constant 0 : index\n"
                "%d = tensor.dim %a, %0 : tensor<?xf32>\n"
                "%one = arith.constant 7.0 : f32\n"
                "%r = tensor.splat %one[%d] : tensor<?xf32>",
                {1, 2, 3}),
            (Values{7, 7, 7}));
  EXPECT_EQ(run("%m = arith.constant dense<[[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]>"
                " : tensor<2x3xf32>\n"
                "%s = tensor.extract_slice %m[0, 1] [2, 2] [1, 1]"
                " : tensor<2x3xf32> to tensor<2x2xf32>\n"
                "%r = tensor.collapse_shape %s [[0, 1]]"
                " : tensor<2x2xf32> into tensor<4xf32>",
                {0}, {}, "tensor<4xf32>"),
            (Values{1, 2, 4, 5}));
  EXPECT_EQ(run("%m = arith.constant dense<[[1.0], [2.0]]> : tensor<2x1xf32>\n"
                "%n = arith.constant dense<[[3.0], [4.0]]> : tensor<2x1xf32>\n"
                "%r = tensor.concat dim(1) %m, %n"
                " : (tensor<2x1xf32>, tensor<2x1xf32>) -> tensor<2x2xf32>",
                {0}, {}, "tensor<2x2xf32>"),
            (Values{1, 3, 2, 4}));
  EXPECT_EQ(run("%m = arith.constant dense<0.0> : tensor<4xf32>\n"
                "%n = arith.constant dense<[3.0, 4.0]> : tensor<2xf32>\n"
                "%r = tensor.insert_slice %n into %m[1] [2] [1]"
                " : tensor<2xf32> into tensor<4xf32>",
                {0}, {}, "tensor<4xf32>"),
            (Values{0, 3, 4, 0}));
}

TEST_F(UpstreamEvalTest, RefusesOthersByName) {
  evaluate("func.func @f(%a: f32) -> f32 { %r = math.ceil %a : f32 "
           "return %r : f32 }",
           {floats({}, {1})});
  EXPECT_EQ(message,
            "'math.ceil' op is not among the ops that the reference runs");
  EXPECT_TRUE(isUpstreamEvaluable("arith.addf"));
  EXPECT_FALSE(isUpstreamEvaluable("arith.remf"));
}

TEST_F(UpstreamEvalTest, RefusesOperandsOfDifferentShapes) {
  evaluate("func.func @f(%a: tensor<?xf32>, %b: tensor<?xf32>) {"
           "%r = arith.addf %a, %b : tensor<?xf32> return }",
           {floats({2}, {1, 2}), floats({3}, {1, 2, 3})});
  EXPECT_EQ(message, "'arith.addf' op found operands of shapes 2 and 3");
}

} // namespace
} // namespace heed
