//===- ProgramTest.cpp - Tests of runtime/Program -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "runtime/Program.h"

#include "test/unit/runtime/TinyModel.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace heed::test;

namespace {

/// Opens a package and the program of its first entry.
struct Opened {
  explicit Opened(PackageBuilder builder) {
    std::string bytes = builder.build();
    status = package.copy(bytes.data(), bytes.size(), "p");
    if (!status)
      status = openDevice("cpu", package, {2}, device);
    if (!status)
      status = weights.place(package, *device);
    if (!status)
      program.reset(new Program(package, 0, weights));
  }
  Package package;
  Weights weights;
  std::unique_ptr<Device> device;
  std::unique_ptr<Program> program;
  Status status;
};

/// One launch of `record`, which writes the words it is given.
PackageBuilder recorder(const std::vector<uint32_t> &words,
                        const std::vector<heed_package_grid_term> &grid) {
  PackageBuilder builder = tinyBuilder();
  builder.entries.clear();
  builder.commands.clear();
  builder.buffers.clear();
  uint32_t kernel = builder.kernel("record", 256);
  builder.beginEntry("prefill");
  uint32_t out = builder.buffer({0, 0, 64, 0}, HEED_F64, 0, 0);
  uint32_t other = builder.buffer({100, 0, 0, 0}, HEED_F32, 0, 1);
  EXPECT_EQ(other, 1u);
  std::vector<uint32_t> all = {heed_operand(HEED_ARG_BUFFER, out),
                               builder.constant(words.size())};
  all.insert(all.end(), words.begin(), words.end());
  builder.launch(kernel, all, grid);
  builder.endEntry();
  return builder;
}

TEST(ProgramTest, EveryKindOfOperand) {
  auto arg = [](heed_operand_kind kind, uint32_t index = 0) {
    return heed_operand(kind, index);
  };
  std::vector<uint32_t> words = {arg(HEED_ARG_BUFFER, 1),
                                 arg(HEED_ARG_WEIGHT, 0),
                                 arg(HEED_ARG_IDS),
                                 arg(HEED_ARG_POSITIONS),
                                 arg(HEED_ARG_ROWS),
                                 arg(HEED_ARG_SLOTS),
                                 arg(HEED_ARG_LOGITS),
                                 arg(HEED_ARG_FIELD, 3),
                                 arg(HEED_ARG_CACHE_POSITIONS, 1),
                                 arg(HEED_ARG_CACHE_COUNTS, 0),
                                 arg(HEED_ARG_CACHE_CAPACITY, 1),
                                 arg(HEED_ARG_SIZE, 0),
                                 arg(HEED_ARG_SIZE, 1),
                                 arg(HEED_ARG_SIZE, 2),
                                 arg(HEED_ARG_CONSTANT, 0)};
  Opened opened(recorder(words, {{{0, 0, 1, 0}, 1}}));
  ASSERT_FALSE(opened.status) << opened.status.message();
  StepPlan plan;
  ASSERT_FALSE(opened.program->plan({2, 3, 1}, plan));
  DeviceMemory memory;
  ASSERT_FALSE(memory.allocate(*opened.device, plan.bytes, "test"));
  CacheBinding cache;
  cache.caches = {{100, 101, 102, 0}, {200, 201, 202, 0}};
  cache.fields = {300, 301, 302, 303};
  StepBinding binding = {memory.address(), &cache, {}};
  ASSERT_FALSE(opened.program->run(plan, binding, *opened.device));
  int64_t m = memory.address();
  std::vector<int64_t> expected = {m + plan.buffers.offsets[1],
                                   opened.weights.address(0),
                                   m + plan.ids,
                                   m + plan.positions,
                                   m + plan.rows,
                                   m + plan.slots,
                                   m + plan.logits,
                                   303,
                                   200,
                                   101,
                                   202,
                                   2,
                                   3,
                                   1,
                                   opened.package.constants()[0]};
  for (int64_t program = 0; program != 6; ++program) {
    std::vector<int64_t> found(expected.size());
    opened.device->read(found.data(),
                        m + plan.buffers.offsets[0] +
                            program * int64_t(expected.size()) * 8,
                        expected.size() * 8);
    EXPECT_EQ(found, expected) << "program " << program;
  }
  for (int64_t offset : {plan.ids, plan.positions, plan.rows, plan.slots,
                         plan.logits, plan.buffers.offsets[1]})
    EXPECT_EQ(offset % 64, 0);
  EXPECT_GE(plan.bytes, plan.logits + 2 * V * 4);
}

TEST(ProgramTest, GridIsAProductOfQuotients) {
  Opened opened(
      recorder({}, {{{0, 1, 0, 0}, 1}, {{1, 0, 1, 0}, 4}, {{0, 0, 0, 3}, 2}}));
  ASSERT_FALSE(opened.status) << opened.status.message();
  StepPlan plan;
  ASSERT_FALSE(opened.program->plan({2, 5, 1}, plan));
  EXPECT_EQ(plan.grids[0], 2 * ((1 + 10 + 3) / 4) * (6 / 2));
  ASSERT_FALSE(opened.program->plan({2, 5, 0}, plan));
  EXPECT_EQ(plan.grids[0], 0);
  Opened one(recorder({}, {}));
  ASSERT_FALSE(one.program->plan({2, 5, 1}, plan));
  EXPECT_EQ(plan.grids[0], 1);
}

TEST(ProgramTest, HugeStepsAreRefused) {
  Opened opened(recorder({}, {{{0, 0, INT64_MAX / 4, 0}, 1}}));
  ASSERT_FALSE(opened.status) << opened.status.message();
  StepPlan plan;
  plan.bytes = 77;
  EXPECT_FALSE(opened.program->plan({1, 4, 1}, plan));
  plan.bytes = 77;
  EXPECT_EQ(opened.program->plan({1, 5, 1}, plan).code(), HEED_OUT_OF_MEMORY);
  for (int64_t n : {int64_t(1) << 58, int64_t(1) << 62, INT64_MAX})
    EXPECT_EQ(opened.program->plan({2, n, 1}, plan).code(), HEED_OUT_OF_MEMORY);
  EXPECT_EQ(plan.bytes, 77) << "a plan that fails must change nothing";
}

/// A launch divided over a grid of 3 * B.
PackageBuilder divided(heed_package_size workspace) {
  PackageBuilder builder = recorder(
      {heed_operand(HEED_ARG_PARTS, 0), heed_operand(HEED_ARG_WORKSPACE, 1)},
      {{{0, 3, 0, 0}, 1}});
  builder.buffers[1] = {workspace, HEED_F32, 0, 0, 0};
  return builder;
}

TEST(ProgramTest, PartsFillTheDevice) {
  Opened opened(divided({5 * HEED_DIVIDED_PROGRAMS, 15, 0, 0}));
  ASSERT_FALSE(opened.status) << opened.status.message();
  struct Case {
    int64_t batch, most, parts;
  };
  for (Case c :
       {Case{0, 396, 64}, {1, 1, 1},     {1, 5, 1},     {1, 6, 2},
        {1, 24, 8},       {1, 48, 8},    {1, 54, 9},    {1, 383, 63},
        {1, 384, 64},     {1, 396, 64},  {3, 396, 22},  {5, 396, 13},
        {16, 396, 8},     {17, 396, 7},  {66, 396, 2},  {67, 396, 1},
        {1000, 396, 1},   {1, 5000, 64}, {20, 5000, 8}, {171, 5000, 1}}) {
    StepPlan plan;
    ASSERT_FALSE(opened.program->plan({c.batch, 1, 1}, plan, c.most));
    EXPECT_EQ(plan.parts[0], c.parts) << c.batch << " of " << c.most;
    EXPECT_EQ(plan.grids[0], 3 * c.batch * c.parts);
    EXPECT_LE(plan.grids[0],
              std::max<int64_t>(3 * c.batch, HEED_DIVIDED_PROGRAMS));
  }
}

TEST(ProgramTest, KernelsAreToldTheParts) {
  Opened opened(divided({HEED_DIVIDED_PROGRAMS, 3, 0, 0}));
  ASSERT_FALSE(opened.status) << opened.status.message();
  StepPlan plan;
  ASSERT_FALSE(opened.program->plan({1, 1, 1}, plan, 10));
  DeviceMemory memory;
  ASSERT_FALSE(memory.allocate(*opened.device, plan.bytes, "test"));
  CacheBinding cache;
  StepBinding binding = {memory.address(), &cache, {}};
  ASSERT_FALSE(opened.program->run(plan, binding, *opened.device));
  int64_t found[2];
  opened.device->read(found, memory.address() + plan.buffers.offsets[0],
                      sizeof(found));
  EXPECT_EQ(found[0], 3);
  EXPECT_EQ(found[1], memory.address() + plan.buffers.offsets[1]);
}

TEST(ProgramTest, SmallWorkspacesAreRefused) {
  Opened opened(divided({7 * HEED_DIVIDED_PROGRAMS, 20, 0, 0}));
  ASSERT_FALSE(opened.status) << opened.status.message();
  StepPlan plan;
  EXPECT_FALSE(opened.program->plan({2, 1, 1}, plan, 100));
  Status error = opened.program->plan({8000, 1, 1}, plan, 100);
  EXPECT_EQ(error.code(), HEED_BAD_PACKAGE);
  EXPECT_EQ(error.message(), "p: command 0: workspace of 167168 elements "
                             "found, 24000 times 7 wanted");
}

TEST(ProgramTest, TraceNamesEveryCommand) {
  TinySession session(tinyBuilder().build(), 1, 16);
  std::vector<std::string> labels;
  auto trace = [](void *user, const char *label, int64_t nanoseconds) {
    EXPECT_GE(nanoseconds, 0);
    static_cast<std::vector<std::string> *>(user)->push_back(label);
  };
  ASSERT_EQ(heed_cache_set_trace(session.cache, trace, &labels), HEED_OK);
  session.run({1, 2, 3});
  EXPECT_EQ(labels, (std::vector<std::string>{"embed tokens", "clear", "attend",
                                              "append layer 0", "attend",
                                              "append layer 1", "head"}));
  ASSERT_EQ(heed_cache_set_trace(session.cache, nullptr, nullptr), HEED_OK);
  session.run({1});
  EXPECT_EQ(labels.size(), 7u);
}

} // namespace
