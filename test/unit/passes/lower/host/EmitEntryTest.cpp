//===- EmitEntryTest.cpp - A phase function as commands -------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/lower/host/EmitEntry.h"

#include "test/unit/passes/lower/PackageReader.h"

#include "gtest/gtest.h"

using namespace heed;

namespace {

/// embed, linear into heads, append, elementwise, gather, head, return.
constexpr const char *body = R"(
  %y = attn.linear %h, %w : $H, tensor<16x24x$T> -> tensor<?x?x16x$T>
  %k = attn.split_heads %y 2 : tensor<?x?x16x$T>
  %e0 = attn.cache_append %c0, %pos, %k
      : !attn.cache<[k : token 2x8xf32]>, tensor<?x2x?x8x$T>
  %out = arith.addf %h, %h : $H)";

class EmitEntryTest : public testing::Test {
protected:
  EmitEntryTest() : step("f32", 24) {
    step.addWeight("w", {16, 24});
    step.addCache("k : token 2x8xf32");
  }
  StepModule step;
  PackageReader package;
};

TEST_F(EmitEntryTest, AppendsAndReturns) {
  ASSERT_EQ(package.compile(step, body, 24), "");
  auto commands =
      package.table<heed_package_command>(package.header().commands);
  auto entries = package.table<heed_package_entry>(package.header().entries);
  commands = commands.slice(0, entries[0].command_count);
  EXPECT_EQ(commands.back().opcode, uint32_t(HEED_OP_RETURN));
  int appends = 0;
  for (const heed_package_command &command : commands)
    if (command.opcode == HEED_OP_CACHE_APPEND) {
      ++appends;
      EXPECT_EQ(command.a, 0u);
      EXPECT_EQ(command.c, 1u);
    }
  EXPECT_EQ(appends, 1);
}

/// Each buffer lives exactly from its first to its last command.
TEST_F(EmitEntryTest, LifetimesAreTight) {
  ASSERT_EQ(package.compile(step, body, 24), "");
  auto commands =
      package.table<heed_package_command>(package.header().commands);
  auto buffers = package.table<heed_package_buffer>(package.header().buffers);
  auto operands = package.table<uint32_t>(package.header().operands);
  for (auto entry : package.table<heed_package_entry>(package.header().entries))
    for (uint32_t i = 0; i != entry.buffer_count; ++i) {
      const heed_package_buffer &buffer = buffers[entry.first_buffer + i];
      uint32_t first = ~0u, last = 0;
      for (uint32_t at = 0; at != entry.command_count; ++at) {
        const heed_package_command &c = commands[entry.first_command + at];
        for (uint32_t word : operands.slice(c.b, c.c))
          if (word == (uint32_t(HEED_ARG_BUFFER) << 24 | i)) {
            first = std::min(first, at);
            last = std::max(last, at);
          }
      }
      EXPECT_EQ(buffer.first_command, first);
      EXPECT_EQ(buffer.last_command, last);
    }
}

/// The programs of B * ceil(N / 64) rows of blocks, at most B more.
TEST_F(EmitEntryTest, GridsCoverAllSizes) {
  ASSERT_EQ(package.compile(step, body, 24), "");
  auto commands =
      package.table<heed_package_command>(package.header().commands);
  int found = 0;
  for (const heed_package_command &command : commands) {
    ASSERT_LE(command.grid_terms, 3u);
    if (command.grid_terms < 2 || command.grid[1].divisor != 64)
      continue;
    ++found;
    bool wanted = command.grid[1].value.br != 0;
    // Rows of logits may be none: the last term is then 0, and 1 otherwise.
    ASSERT_EQ(command.grid_terms, wanted ? 3u : 2u);
    if (wanted) {
      const heed_package_grid_term &last = command.grid[2];
      EXPECT_EQ(last.value.constant, 0);
      EXPECT_EQ(last.value.b, 0);
      EXPECT_EQ(last.value.bn, 0);
      EXPECT_EQ(last.value.br, 1);
      EXPECT_EQ(last.divisor, INT64_MAX);
    }
    for (int64_t b : {1, 2, 7})
      for (int64_t n : {1, 63, 64, 65, 1000}) {
        const heed_package_size &size = command.grid[1].value;
        int64_t value =
            size.constant + size.b * b + (wanted ? size.br : size.bn) * b * n;
        int64_t programs = (value + 63) / 64, exact = b * ((n + 63) / 64);
        EXPECT_GE(programs, exact);
        EXPECT_LE(programs, exact + b);
      }
  }
  EXPECT_EQ(found, 2); // Linear and head of prefill.
}

/// Attention of 3 heads of 8 has 3 * B * N programs in decode; the workspace
/// has room for all of them.
TEST_F(EmitEntryTest, DividedLaunchesHaveAWorkspace) {
  StepModule attention("f32", 24);
  ASSERT_EQ(package.compile(attention, R"(
    %s = attn.split_heads %h 3 : $H
    %a = attn.attention %s keys(%s : tensor<?x3x?x8x$T>)
        values(%s : tensor<?x3x?x8x$T>)
        at(%pos to %pos : tensor<?x?xi32> to tensor<?x?xi32>)
        mask<causal> scale(0.5) : tensor<?x3x?x8x$T> -> tensor<?x3x?x8x$T>
    %out = attn.merge_heads %a : tensor<?x3x?x8x$T>)",
                            24, "sm_80"),
            "");
  auto operands = package.table<uint32_t>(package.header().operands);
  auto commands =
      package.table<heed_package_command>(package.header().commands);
  auto entries = package.table<heed_package_entry>(package.header().entries);
  ASSERT_EQ(entries.size(), 2u);
  std::vector<uint32_t> users, spaces, parts;
  for (uint32_t at = 0; at != entries[1].command_count; ++at) {
    const heed_package_command &c = commands[entries[1].first_command + at];
    for (uint32_t word : operands.slice(c.b, c.c))
      if (word >> 24 == HEED_ARG_WORKSPACE) {
        users.push_back(at);
        spaces.push_back(word & 0xffffff);
      } else if (word >> 24 == HEED_ARG_PARTS) {
        parts.push_back(word & 0xffffff);
      }
  }
  ASSERT_EQ(users.size(), 1u);
  EXPECT_EQ(parts, std::vector<uint32_t>{0});
  auto buffers = package.table<heed_package_buffer>(package.header().buffers);
  const heed_package_buffer &space =
      buffers[entries[1].first_buffer + spaces[0]];
  EXPECT_EQ(space.first_command, users[0]);
  EXPECT_EQ(space.last_command, users[0]);
  EXPECT_EQ(space.dtype, uint32_t(HEED_F32));
  constexpr int64_t each = 8 + 4 + 4; // Sums, maximum, sum of weights.
  EXPECT_EQ(space.elements.constant, each * HEED_DIVIDED_PROGRAMS);
  EXPECT_EQ(space.elements.b, 0);
  EXPECT_EQ(space.elements.bn, 3 * each);
  EXPECT_EQ(space.elements.br, 0);
}

/// A product stands in front of its launch, and both use its buffers.
TEST_F(EmitEntryTest, ProductsStandBeforeTheirLaunches) {
  StepModule half("bf16", 24);
  half.addWeight("w", {24, 24});
  ASSERT_EQ(package.compile(half, R"(
    %y = attn.linear %h, %w : $H, tensor<24x24x$T> -> $H
    %out = arith.addf %h, %y : $H)",
                            24, "sm_80"),
            "");
  auto commands =
      package.table<heed_package_command>(package.header().commands);
  auto operands = package.table<uint32_t>(package.header().operands);
  auto buffers = package.table<heed_package_buffer>(package.header().buffers);
  // Embed, product, linear, ...
  const heed_package_command &product = commands[1];
  ASSERT_EQ(product.opcode, uint32_t(HEED_OP_PRODUCT));
  EXPECT_EQ(commands[2].opcode, uint32_t(HEED_OP_LAUNCH));
  EXPECT_EQ(product.a, HEED_PRODUCT_RESIDUAL);
  auto words = operands.slice(product.b, product.c);
  ASSERT_EQ(words.size(), 4u);
  EXPECT_EQ(words[0], heed_operand(HEED_ARG_BUFFER, 0));
  EXPECT_EQ(words[1] >> 24, uint32_t(HEED_ARG_WEIGHT));
  EXPECT_EQ(words[2], heed_operand(HEED_ARG_BUFFER, 1));
  EXPECT_EQ(words[3], words[0]);
  EXPECT_EQ(product.grid[0].value.bn, 1);
  EXPECT_EQ(product.grid[1].value.constant, 24);
  EXPECT_EQ(product.grid[1].divisor, 24);
  EXPECT_EQ(product.grid[2].value.constant, 24);
  EXPECT_EQ(buffers[0].last_command, 2u);
  EXPECT_EQ(buffers[1].first_command, 1u);
}

/// Rows of logits are R; 13 columns are not what a library takes, 16 are.
TEST_F(EmitEntryTest, OnlyPrefillOnGpusHasProducts) {
  auto count = [&](const char *target) {
    StepModule half("bf16", 24);
    half.addWeight("w", {16, 24});
    half.addCache("k : token 2x8xbf16");
    EXPECT_EQ(package.compile(half, R"(
      %y = attn.linear %h, %w : $H, tensor<16x24x$T> -> tensor<?x?x16x$T>
      %k = attn.split_heads %y 2 : tensor<?x?x16x$T>
      %e0 = attn.cache_append %c0, %pos, %k
          : !attn.cache<[k : token 2x8xbf16]>, tensor<?x2x?x8x$T>
      %out = arith.addf %h, %h : $H)",
                              24, target),
              "");
    int found = 0;
    for (const heed_package_command &command :
         package.table<heed_package_command>(package.header().commands))
      if (command.opcode == HEED_OP_PRODUCT) {
        ++found;
        EXPECT_EQ(command.grid[1].divisor, 8) << "of a head";
      }
    return found;
  };
  EXPECT_EQ(count("cpu"), 0);
  EXPECT_EQ(count("sm_80"), 1) << "none in decode";
}

} // namespace
