//===- GoldenTest.cpp - Our logits against those of the original ----------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// For every checkpoint with goldens: imports it, runs the prompt through
// prefill and the golden path through decode, token by token, and compares.
//
// In single precision the error against the original in double precision may
// be twice that of the original in single precision, in both norms, and all
// greedy tokens must be the same. For weights in bfloat16, the error against
// the original in single precision may be twice that of the original in
// bfloat16. Prints one line for each checkpoint and device.
//
//===----------------------------------------------------------------------===//

#include "test/unit/models/Golden.h"
#include "test/unit/models/Session.h"

#include "passes/import/checkpoint/Importer.h"

#include "gtest/gtest.h"

#include <cstdio>
#include <numeric>

namespace {

using namespace heed;

/// Runs the path of a golden and returns all logits.
llvm::Expected<std::vector<double>> runPath(Session &session,
                                            const Golden &golden) {
  const int64_t v = session.vocabulary();
  std::vector<float> logits(golden.steps() * v);
  std::vector<int32_t> rows(golden.prompt);
  std::iota(rows.begin(), rows.end(), 0);
  heed_step step = {};
  step.batch = 1;
  step.tokens = step.rows = golden.prompt;
  step.ids = golden.ids.data();
  step.row_index = rows.data();
  step.logits = logits.data();
  if (llvm::Error error = session.prefill(step))
    return std::move(error);
  step.tokens = step.rows = 1;
  step.row_index = nullptr;
  for (int64_t i = golden.prompt; i < golden.steps(); ++i) {
    step.ids = &golden.ids[i];
    step.logits = &logits[i * v];
    if (llvm::Error error = session.decode(step))
      return std::move(error);
  }
  return std::vector<double>(logits.begin(), logits.end());
}

llvm::Expected<std::vector<double>> runGolden(Device device,
                                              const Golden &golden) {
  mlir::MLIRContext context;
  ImportOptions options;
  options.base = golden.folder;
  auto module = importCheckpoint(context, golden.folder, options);
  if (!module)
    return module.takeError();
  auto session = openSession(device, **module, golden.folder, /*slots=*/1,
                             golden.ids.size());
  if (!session)
    return session.takeError();
  return runPath(**session, golden);
}

/// Counts the greedy tokens that are those of the path.
int64_t countTokens(llvm::ArrayRef<double> logits, const Golden &golden) {
  int64_t v = logits.size() / golden.steps(), equal = 0;
  for (int64_t i = golden.prompt - 1; i < golden.steps(); ++i)
    equal += chooseGreedily(logits.slice(i * v, v)) == golden.ids[i + 1];
  return equal;
}

void compare(Device device, const Golden &golden) {
  llvm::Expected<std::vector<double>> logits = runGolden(device, golden);
  if (!logits) {
    ADD_FAILURE() << golden.name << ": " << llvm::toString(logits.takeError());
    return;
  }
  ASSERT_EQ(logits->size(), golden.exact.size());
  Distance ours = measure(*logits, golden.exact);
  Distance original = measure(golden.original, golden.exact);
  int64_t tokens = golden.steps() - golden.prompt + 1;
  int64_t equal = countTokens(*logits, golden);
  std::printf("%-20s %-9s | %8.2e %8.2e %5.2f | %8.2e %8.2e %5.2f | %2d/%d\n",
              golden.name.c_str(), nameOf(device).str().c_str(), ours.maximum,
              original.maximum, ours.maximum / original.maximum, ours.relative,
              original.relative, ours.relative / original.relative, int(equal),
              int(tokens));
  EXPECT_LE(ours.maximum, 2 * original.maximum) << golden.name;
  EXPECT_LE(ours.relative, 2 * original.relative) << golden.name;
  if (!golden.isHalf)
    EXPECT_EQ(equal, tokens) << golden.name;
}

class Goldens : public testing::TestWithParam<Device> {};

TEST_P(Goldens, LogitsAreAsNearAsTheOriginals) {
  std::vector<std::string> names = listGoldens();
  EXPECT_GE(names.size(), 12u);
  std::printf("%-20s %-9s | %-23s | %-23s | greedy\n", "", "",
              "max |error|: ours, orig", "relative L2: ours, orig");
  for (const std::string &name : names) {
    llvm::Expected<Golden> golden = readGolden(name);
    if (golden)
      compare(GetParam(), *golden);
    else
      ADD_FAILURE() << llvm::toString(golden.takeError());
  }
}

INSTANTIATE_TEST_SUITE_P(Devices, Goldens, testing::ValuesIn(kAllDevices),
                         [](const auto &info) {
                           return nameOf(info.param).str();
                         });

} // namespace
