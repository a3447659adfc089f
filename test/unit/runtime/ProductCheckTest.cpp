//===- ProductCheckTest.cpp - Tests of runtime/ProductCheck ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/ProductCheck.h"

#include "runtime/PackageCheck.h"
#include "test/unit/runtime/ProductModel.h"

#include <functional>

using namespace heed;
using namespace heed::test;

namespace {

/// What a changed product is refused with, behind its place.
std::string check(const std::function<void(PackageBuilder &)> &change,
                  const ProductOptions &options = {}) {
  PackageBuilder builder = productBuilder(options);
  change(builder);
  std::string bytes = builder.build();
  Status error = checkPackage(bytes.data(), bytes.size(), "p");
  EXPECT_EQ(error.code(), error ? HEED_BAD_PACKAGE : HEED_OK);
  const std::string place = "p: entry 0: command 0: ";
  std::string message = error.message();
  if (message.rfind(place, 0) == 0)
    message.erase(0, place.size());
  return message;
}

void nothing(PackageBuilder &) {}

constexpr uint32_t both = HEED_PRODUCT_BIAS | HEED_PRODUCT_RESIDUAL;

TEST(ProductCheckTest, WhatIsRight) {
  EXPECT_EQ(check(nothing), "");
  EXPECT_EQ(check(nothing, {HEED_PRODUCT_BIAS}), "");
  EXPECT_EQ(check(nothing, {both}), "");
  EXPECT_EQ(check(nothing, {0, 6}), "");
  EXPECT_EQ(check(nothing, {HEED_PRODUCT_RESIDUAL, 1, HEED_F32}), "");
  EXPECT_EQ(check(nothing, {0, 1, HEED_F32, true}), "");
}

TEST(ProductCheckTest, Place) {
  EXPECT_EQ(check([](auto &b) {
              std::strcpy(b.header.target, "x86-64-v3");
              b.kernels[0].threads = 1;
            }),
            "a product found, none wanted for x86-64-v3");
  EXPECT_EQ(check([](auto &b) { b.entries[0].name = b.text("decode"); }),
            "a product found, none wanted in decode, which is recorded");
  EXPECT_EQ(check([](auto &b) { b.commands[1] = b.commands[0]; }),
            "a product found before opcode 3, a launch wanted");
  EXPECT_EQ(check([](auto &b) {
              b.commands[1] = b.commands[2];
              b.entries[0].command_count = 2;
            }),
            "a product found before opcode 2, a launch wanted");
}

TEST(ProductCheckTest, Form) {
  EXPECT_EQ(check([](auto &b) { b.commands[0].a = 4; }),
            "flags 4 of a product found, 0 to 3 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[0].a = 2; }),
            "3 operands and 3 sizes of a product found, 4 and 3 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid_terms = 2; }),
            "3 operands and 2 sizes of a product found, 3 and 3 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid_terms = 4; }),
            "4 grid terms found, 0 to 3 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[1].divisor = 0; }),
            "grid term 1: divisor 0 found, at least 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.operands[1] = 9u << 24; }),
            "operand 1: index 0 of kind 9 found, there are 0");
}

TEST(ProductCheckTest, Sizes) {
  const char *rows = "rows of a product found that are neither B*N nor B*R";
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[0].value.b = 1; }), rows);
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[0].value.bn = 2; }), rows);
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[0].value.br = 1; }), rows);
  EXPECT_EQ(check([](auto &b) {
              b.commands[0].grid[0].value.bn = INT64_MAX;
              b.commands[0].grid[0].value.br = INT64_MAX;
            }),
            rows);
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[0].divisor = 2; }), rows);
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[1].divisor = 32; }),
            "48 columns by 32, depth 16 by 1 found, whole constants up to "
            "2147483647 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[2].value.bn = 1; }),
            "48 columns by 48, depth 16 by 1 found, whole constants up to "
            "2147483647 wanted");
  EXPECT_EQ(
      check([](auto &b) { b.commands[0].grid[2].value.constant = INT64_MAX; }),
      "48 columns by 48, depth 9223372036854775807 by 1 found, whole constants "
      "up to 2147483647 wanted");
  EXPECT_EQ(check(nothing, {0, 12}),
            "4 columns of a head, depth 16 found, multiples of 8 wanted");
  EXPECT_EQ(check([](auto &b) { b.commands[0].grid[2].value.constant = 12; }),
            "48 columns of a head, depth 12 found, multiples of 8 wanted");
  EXPECT_EQ(check(nothing, {HEED_PRODUCT_BIAS, 2}),
            "2 heads and flags 1 of a product found, one or the other wanted");
}

TEST(ProductCheckTest, Operands) {
  EXPECT_EQ(check([](auto &b) { b.operands[0] = b.operands[1]; }),
            "x of kind 1 found, a buffer wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[0].elements.bn = 15; }),
            "x of 15 columns, dtype 1 found, 16, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[0].elements = {9999, 99, 0, 99}; }),
            "x of 0 columns, dtype 1 found, 16, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[0].dtype = HEED_F16; }),
            "x of 16 columns, dtype 4 found, 16, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.operands[1] = b.operands[0]; }),
            "weight of kind 0 found, a weight wanted");
  EXPECT_EQ(check([](auto &b) { b.weights[0].bytes -= 2; }),
            "weight of 1534 bytes, dtype 1 found, 1536, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.weights[0].dtype = HEED_F16; }),
            "weight of 1536 bytes, dtype 4 found, 1536, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.operands[2] = b.operands[0]; }),
            "a result found that is another operand as well");
  EXPECT_EQ(check([](auto &b) { b.operands[2] = b.operands[1]; }),
            "result of kind 1 found, a buffer wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[1].elements.bn = 47; }),
            "result of 47 columns, dtype 1 found, 48, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[1].dtype = HEED_I32; }),
            "result of 48 columns, dtype 2 found, 48, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[1].first_command = 1; }),
            "operand 2: buffer 1 found, which lives from command 1 to 1");
}

TEST(ProductCheckTest, WhatIsAdded) {
  EXPECT_EQ(check(nothing, {HEED_PRODUCT_BIAS, 1, HEED_F32}),
            "a bias found on a result of f32, bf16 wanted");
  EXPECT_EQ(check(
                [](auto &b) {
                  b.weights[1].bytes = 98;
                  b.embedded += "xx";
                },
                {HEED_PRODUCT_BIAS}),
            "bias of 98 bytes, dtype 1 found, 96, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.buffers[2].dtype = HEED_F32; }, {both}),
            "residual of 48 columns, dtype 0 found, 48, dtype 1 wanted");
  EXPECT_EQ(check([](auto &b) { b.operands[4] = b.operands[3]; }, {both}),
            "residual of kind 1 found, a buffer wanted");
  EXPECT_EQ(check([](auto &b) { b.operands[4] = b.operands[2]; }, {both}),
            "a result found that is another operand as well");
}

TEST(ProductCheckTest, Logits) {
  const ProductOptions options = {0, 1, HEED_F32, true};
  EXPECT_EQ(check([](auto &b) { b.header.vocabulary = 47; }, options),
            "logits of 48 columns, 1 heads found, B*R rows of 47 wanted");
  EXPECT_EQ(check(
                [](auto &b) {
                  std::swap(b.commands[0].grid[0].value.bn,
                            b.commands[0].grid[0].value.br);
                  b.buffers[0].elements.bn = 16;
                },
                options),
            "logits of 48 columns, 1 heads found, B*R rows of 48 wanted");
}

TEST(ProductCheckTest, Reads) {
  std::string bytes = productBuilder({both}).build();
  PackageView package(bytes.data());
  ProductShape shape = readProduct(package, package.commands()[0]);
  EXPECT_EQ(shape.x, heed_operand(HEED_ARG_BUFFER, 0));
  EXPECT_EQ(shape.weight, heed_operand(HEED_ARG_WEIGHT, 0));
  EXPECT_EQ(shape.result, heed_operand(HEED_ARG_BUFFER, 1));
  EXPECT_EQ(shape.bias, heed_operand(HEED_ARG_WEIGHT, 1));
  EXPECT_EQ(shape.residual, heed_operand(HEED_ARG_BUFFER, 2));
  EXPECT_EQ(shape.rows.bn, 1);
  EXPECT_EQ(shape.columns, 48);
  EXPECT_EQ(shape.depth, 16);
  EXPECT_EQ(shape.heads(), 1);
  bytes = productBuilder({0, 3}).build();
  package = PackageView(bytes.data());
  shape = readProduct(package, package.commands()[0]);
  EXPECT_EQ(shape.heads(), 3);
  EXPECT_EQ(shape.bias, ProductShape::none);
}

} // namespace
