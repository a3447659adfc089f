//===- GatherTest.cpp - Embeddings and wanted rows ------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "test/unit/passes/lower/StepModule.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

class Gather : public testing::TestWithParam<const char *> {};

/// Rows of a table by ids, in any number; wider than a piece.
TEST_P(Gather, EmbedsAndChooses) {
  StepModule step(GetParam(), 300);
  step.expectSame("%out = arith.addf %h, %h : $H", 300,
                  {prefill(1, 1), prefill(3, 17), decode(3)});
}

/// Ids that a smaller table lacks give zero rows.
TEST_P(Gather, IdsBehindTheTable) {
  StepModule step(GetParam(), 24);
  step.addWeight("small", {6, 24});
  step.expectSame("%out = attn.embed %small, %ids : tensor<6x24x$T>,"
                  " tensor<?x?xi32> -> $H",
                  24, {prefill(2, 20), decode(5)});
}

INSTANTIATE_TEST_SUITE_P(Types, Gather, testing::Values("f32", "bf16"));

} // namespace
