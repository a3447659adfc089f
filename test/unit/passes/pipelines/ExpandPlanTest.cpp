//===- ExpandPlanTest.cpp - From a plan to passes -------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/pipelines/ExpandPlan.h"
#include "passes/InitAll.h"
#include "test/unit/lib/Support/TemporaryFolder.h"

#include "mlir/IR/BuiltinOps.h"
#include "mlir/Pass/PassManager.h"
#include "mlir/Pass/PassRegistry.h"

#include <gtest/gtest.h>

using namespace heed;
using namespace mlir;

namespace {

/// What `manager` runs, as MLIR prints it.
std::string print(OpPassManager &manager) {
  std::string text;
  llvm::raw_string_ostream stream(text);
  manager.printAsTextualPipeline(stream);
  return text;
}

class ExpandPlanTest : public testing::Test {
protected:
  ExpandPlanTest() { registerAllPasses(); }

  /// Runs `heed-plan` on a file that holds `steps`, below an op `anchor`.
  /// Returns the passes, or the error.
  std::string expand(const std::string &steps,
                     llvm::StringRef anchor = "builtin.module") {
    folder.write("p.json", R"({"version": 1, "steps": [)" + steps + "]}");
    return add(folder.path("p.json"), anchor);
  }

  std::string add(const std::string &options, llvm::StringRef anchor) {
    OpPassManager manager(anchor);
    std::string message;
    auto onError = [&](const llvm::Twine &text) {
      message = text.str();
      return failure();
    };
    if (failed(PassPipelineInfo::lookup("heed-plan")
                   ->addToPipeline(manager, options, onError)))
      return message;
    return print(manager);
  }

  /// The passes of a pipeline that is spelled out.
  std::string spelledOut(llvm::StringRef text) {
    FailureOr<OpPassManager> manager = parsePassPipeline(text);
    return succeeded(manager) ? print(*manager) : "";
  }

  /// The error for one option of a rewrite, without the file.
  std::string refusal(const std::string &rewrite, const std::string &option) {
    std::string message = expand("{\"rewrite\": \"" + rewrite +
                                 "\", \"options\": {" + option + "}}");
    std::string prefix = folder.path("p.json") + ": key \"steps[0].options.";
    EXPECT_EQ(message.rfind(prefix, 0), 0u) << message;
    return message.substr(std::min(prefix.size(), message.size()));
  }

  TemporaryFolder folder;
};

TEST_F(ExpandPlanTest, EqualsThePassesSpelledOut) {
  std::string passes = spelledOut(
      "builtin.module(attn-sliding-window{layers=0,2,3 window=256 sinks=4},"
      "attn-unified-layer-skipping{speedup=1.5 balance=even keep=0,3})");
  EXPECT_NE(passes, "");
  EXPECT_EQ(expand(R"({"rewrite": "attn-sliding-window", "layers": [0, "2-3"],
                       "options": {"window": 256, "sinks": 4}},
                      {"rewrite": "attn-unified-layer-skipping",
                       "options": {"speedup": 1.5, "balance": "even",
                                   "keep": [0, 3]}})"),
            passes);
}

TEST_F(ExpandPlanTest, AnIntegerIsANumber) {
  EXPECT_EQ(
      expand(R"({"rewrite": "attn-unified-layer-skipping",
                       "options": {"speedup": 3}})"),
      spelledOut("builtin.module(attn-unified-layer-skipping{speedup=3})"));
}

TEST_F(ExpandPlanTest, RefusesValuesOfOtherKinds) {
  std::string window = "attn-sliding-window";
  std::string skipping = "attn-unified-layer-skipping";
  EXPECT_EQ(refusal(window, "\"window\": 8.0"),
            "window\": found number 8.0, wanted integer");
  EXPECT_EQ(refusal(window, "\"window\": \"8\""),
            "window\": found string \"8\", wanted integer");
  EXPECT_EQ(refusal(window, "\"window\": [8]"),
            "window\": found array of 1, wanted integer");
  EXPECT_EQ(refusal(window, "\"sinks\": true"),
            "sinks\": found boolean true, wanted integer");
  EXPECT_EQ(refusal(skipping, "\"speedup\": \"2\""),
            "speedup\": found string \"2\", wanted number");
  EXPECT_EQ(refusal(skipping, "\"balance\": 2"),
            "balance\": found integer 2, wanted string");
  EXPECT_EQ(refusal(skipping, "\"keep\": 2"),
            "keep\": found integer 2, wanted array of integers");
}

TEST_F(ExpandPlanTest, RefusesOptionsThatTheRewriteLacks) {
  EXPECT_EQ(refusal("attn-sliding-window", "\"window\": 8, \"keep\": [1]"),
            "keep\": found array of 1, wanted an option that "
            "attn-sliding-window has: see heed-opt --help");
}

TEST_F(ExpandPlanTest, RefusesWhatIsNoRewrite) {
  // Passes, but no rewrites.
  for (std::string name : {"heed-plan", "heed-inline-layers", "cse", "attn"}) {
    std::string message = expand("{\"rewrite\": \"" + name + "\"}");
    EXPECT_NE(message.find("found string \"" + name + "\", wanted a rewrite"),
              std::string::npos)
        << message;
  }
  EXPECT_EQ(expand(R"({"rewrite": "attn-sliding-windows"})"),
            folder.path("p.json") +
                ": key \"steps[0].rewrite\": found string "
                "\"attn-sliding-windows\", wanted a rewrite: did you mean "
                "\"attn-sliding-window\"?");
  EXPECT_NE(expand(R"({"rewrite": "unified-skipping"})")
                .find("did you mean \"attn-unified-layer-skipping\"?"),
            std::string::npos);
}

TEST_F(ExpandPlanTest, RunsOnModulesOnly) {
  std::string step = R"({"rewrite": "attn-sliding-window"})";
  EXPECT_EQ(expand(step, "func.func"),
            "heed-plan: found it below func.func, wanted builtin.module");
  EXPECT_EQ(expand(step, "any"),
            "heed-plan: found it below any, wanted builtin.module");
}

TEST_F(ExpandPlanTest, WantsAFile) {
  for (const char *options : {"", " "})
    EXPECT_EQ(add(options, "builtin.module"),
              "heed-plan: found no file, wanted --heed-plan=plan.json or "
              "heed-plan{plan.json}");
}

} // namespace
