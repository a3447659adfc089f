//===- PlanTest.cpp - Which rewrites a model gets, and where --------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/framework/Plan.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

/// A plan of one step with these members besides its rewrite.
std::string step(const std::string &members) {
  return R"({"version": 1, "steps": [{"rewrite": "attn-a")" +
         (members.empty() ? "" : ", " + members) + "}]}";
}

/// The pipeline of a plan, or what is wrong with it.
std::string expand(const std::string &text) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(text, "p");
  if (!document)
    return llvm::toString(document.takeError());
  llvm::Expected<Plan> plan = readPlan(document->root());
  return plan ? printPasses(*plan) : llvm::toString(plan.takeError());
}

/// The same for the one option x.
std::string expandOption(const std::string &value) {
  return expand(step(R"("options": {"x": )" + value + "}"));
}

TEST(Plan, PrintsStepsInOrder) {
  llvm::Expected<JsonDocument> document = JsonDocument::parse(
      R"({"steps": [{"options": {"window": 256, "sinks": 4},
                     "rewrite": "attn-b", "layers": [3, 0, "5-7"]},
                    {"rewrite": "attn-a"},
                    {"rewrite": "attn-b", "layers": ["2-2"]}],
          "version": 1})",
      "p");
  ASSERT_TRUE(bool(document));
  llvm::Expected<Plan> plan = readPlan(document->root());
  ASSERT_TRUE(bool(plan));
  EXPECT_EQ(printPasses(*plan), "attn-b{layers=3,0,5,6,7 window=256 sinks=4},"
                                "attn-a,attn-b{layers=2}");
  EXPECT_EQ(printPipeline(*plan),
            "builtin.module(attn-b{layers=3,0,5,6,7 window=256 sinks=4},"
            "attn-a,attn-b{layers=2})");
  EXPECT_EQ(plan->steps[0].where, "p: key \"steps[0].rewrite\"");
  EXPECT_EQ(plan->steps[0].options[1].where,
            "p: key \"steps[0].options.sinks\"");
}

TEST(Plan, PrintsValues) {
  EXPECT_EQ(expandOption("true"), "attn-a{x=true}");
  EXPECT_EQ(expandOption("false"), "attn-a{x=false}");
  EXPECT_EQ(expandOption("-7"), "attn-a{x=-7}");
  EXPECT_EQ(expandOption("9223372036854775807"),
            "attn-a{x=9223372036854775807}");
  EXPECT_EQ(expandOption("1.33"), "attn-a{x=1.33}");
  EXPECT_EQ(expandOption("0.1"), "attn-a{x=0.1}");
  EXPECT_EQ(expandOption("1e-3"), "attn-a{x=0.001}");
  EXPECT_EQ(expandOption("[1]"), "attn-a{x=1}");
  EXPECT_EQ(expandOption("[3, -1, 3]"), "attn-a{x=3,-1,3}");
  EXPECT_EQ(expandOption(R"("even")"), "attn-a{x=even}");
  EXPECT_EQ(expandOption(R"("a/b-c_d.e:f=g\u00e9")"),
            "attn-a{x=a/b-c_d.e:f=g\xc3\xa9}");
  EXPECT_EQ(expand(step(R"("options": {})")), "attn-a");
}

TEST(Plan, NumbersKeepEveryBit) {
  for (const char *text : {"1.3333333333333333", "2.2250738585072014e-308",
                           "1.7976931348623157e308", "-0.30000000000000004"}) {
    std::string printed = expandOption(text);
    ASSERT_EQ(printed.rfind("attn-a{x=", 0), 0u) << printed;
    EXPECT_EQ(strtod(printed.c_str() + 9, nullptr), strtod(text, nullptr))
        << printed;
  }
}

TEST(Plan, StringsCannotSpeakPipeline) {
  for (std::string c : {" ", ",", "{", "}", "[", "]", "(", ")", "'", "`",
                        "\\\"", "\\t", "\\n", "\\u0000", "\\u007f"}) {
    std::string message = expandOption("\"a" + c + "b\"");
    EXPECT_EQ(message.rfind("p: key \"steps[0].options.x\": found string", 0),
              0u)
        << message;
    message = expand(step("\"options\": {\"a" + c + "b\": 1}"));
    EXPECT_EQ(message.rfind("p: key \"steps[0].options\": found key", 0), 0u)
        << message;
    message =
        expand("{\"version\": 1, \"steps\": [{\"rewrite\": \"a" + c + "b\"}]}");
    EXPECT_EQ(message.rfind("p: key \"steps[0].rewrite\": found string", 0), 0u)
        << message;
  }
}

TEST(Plan, RefusesEachLayerTwice) {
  EXPECT_EQ(expand(step(R"("layers": [1, 2, 1])")),
            "p: key \"steps[0].layers[2]\": found layer 1 again, wanted each "
            "once");
  EXPECT_EQ(expand(step(R"("layers": ["0-4", "4-5"])")),
            "p: key \"steps[0].layers[1]\": found layer 4 again, wanted each "
            "once");
}

TEST(Plan, BoundsWhatRangesMakeOfIt) {
  EXPECT_EQ(expand(step(R"("layers": [4095])")), "attn-a{layers=4095}");
  for (const char *range : {"4096",
                            "-1",
                            "\"-1\"",
                            "\"-1-2\"",
                            "\"1\"",
                            "\"1-\"",
                            "\"-\"",
                            "\"\"",
                            "\"3-2\"",
                            "\"0-4096\"",
                            "\"0x1-2\"",
                            "\"1 -2\"",
                            "\"+1-2\"",
                            "\"1-2-3\"",
                            "\"0--0\"",
                            "\"0-99999999999999999999\"",
                            "1.0",
                            "true",
                            "null",
                            "[1]",
                            "9223372036854775808"}) {
    std::string message =
        expand(step("\"layers\": [" + std::string(range) + "]"));
    EXPECT_EQ(message.rfind("p: key \"steps[0].layers[0]\": found ", 0), 0u)
        << message;
    EXPECT_NE(message.find(", wanted an index from 0 to 4095, or a range as "
                           "\"4-7\""),
              std::string::npos)
        << message;
  }
}

TEST(Plan, BoundsTheSteps) {
  auto repeat = [](int count) {
    std::string text = R"({"version": 1, "steps": [)";
    for (int i = 0; i < count; ++i)
      text += std::string(i ? "," : "") + R"({"rewrite": "a"})";
    return text + "]}";
  };
  std::string printed = expand(repeat(256));
  EXPECT_EQ(std::count(printed.begin(), printed.end(), 'a'), 256);
  EXPECT_EQ(expand(repeat(257)),
            "p: key \"steps\": found array of 257, wanted 1 to 256 steps");
}

} // namespace
