//===- RegistryTest.cpp - What every rewrite says of itself ---------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/rewrites/Registry.h"

#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"
#include "gtest/gtest.h"

#include <set>

using namespace mlir;

namespace heed {
namespace {

/// Calls `judge` with what each rewrite says; a failure names the rewrite.
template <typename Judge> void forEachRewrite(Judge judge) {
  for (const auto &rewrite : createRewrites()) {
    SCOPED_TRACE(rewrite->getInfo().name.str());
    judge(rewrite->getInfo());
  }
}

TEST(Registry, ListsWhatTheTableLists) {
  size_t lines = 0;
#define HEED_REWRITE(family, Class) ++lines;
#include "passes/rewrites/Rewrites.def"
  EXPECT_EQ(createRewrites().size(), lines);
  EXPECT_GE(lines, 2u);
}

TEST(Registry, NamesAreUniqueAndBeginWithAttn) {
  std::set<std::string> names;
  forEachRewrite([&](const RewriteInfo &info) {
    EXPECT_TRUE(names.insert(info.name.str()).second);
    EXPECT_TRUE(info.name.starts_with("attn-"));
    EXPECT_EQ(info.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz"
                                          "0123456789-"),
              StringRef::npos);
  });
}

TEST(Registry, SummariesAreOneLineWithoutFullStop) {
  forEachRewrite([](const RewriteInfo &info) {
    ASSERT_FALSE(info.summary.empty());
    EXPECT_TRUE(llvm::isUpper(info.summary.front()));
    EXPECT_NE(info.summary.back(), '.');
    EXPECT_LE(info.summary.size(), 72u);
    EXPECT_EQ(info.summary.find('\n'), StringRef::npos);
  });
}

TEST(Registry, PapersAreNamedWithTheirYear) {
  forEachRewrite([](const RewriteInfo &info) {
    EXPECT_TRUE(info.paper.contains(" 20") || info.paper.contains(" 19"))
        << info.paper.str();
  });
}

TEST(Registry, PhasesThatDifferHaveAReason) {
  forEachRewrite([](const RewriteInfo &info) {
    EXPECT_EQ(info.phases == Phases::Differ, !info.phaseReason.empty());
  });
}

TEST(Registry, BothFormsOfExactWhenAreThereOrTheReasonIs) {
  forEachRewrite([](const RewriteInfo &info) {
    const ExactWhen &when = info.exactWhen;
    bool isTrivial = when.trivial != Trivial::None;
    bool isFixture = when.fixture != Fixture::None;
    EXPECT_EQ(isTrivial && isFixture, when.missing.empty());
    EXPECT_EQ(isTrivial, !when.trivialOptions.empty());
    EXPECT_EQ(isFixture, !when.fixtureOptions.empty());
  });
}

TEST(Registry, PassManagersKnowEveryRewriteAndItsSettings) {
  registerRewrites();
  MLIRContext context;
  forEachRewrite([&](const RewriteInfo &info) {
    for (StringRef options :
         {StringRef(), StringRef(info.exactWhen.trivialOptions),
          StringRef(info.exactWhen.fixtureOptions)}) {
      PassManager manager(&context);
      std::string message;
      llvm::raw_string_ostream stream(message);
      EXPECT_TRUE(succeeded(parsePassPipeline(
          (info.name + "{" + options + "}").str(), manager, stream)))
          << message;
      EXPECT_EQ(manager.size(), 1u);
    }
  });
}

} // namespace
} // namespace heed
