//===- PlanFaultsTest.cpp -------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Every class of fault against the reader of plans, from the file to the check
// of its rewrites. Prints their part of the matrix.
//
//===----------------------------------------------------------------------===//

#include "passes/InitAll.h"
#include "passes/pipelines/ExpandPlan.h"
#include "test/unit/lib/Support/TemporaryFolder.h"
#include "test/unit/lib/Weights/FaultMatrix.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

/// A plan of one window with these further members.
std::string window(const std::string &members) {
  return R"({"version":1,"steps":[{"rewrite":"attn-sliding-window",)" +
         members + "}]}";
}
std::string option(const std::string &value) {
  return window("\"options\":{\"window\":" + value + "}");
}

const std::string kStep = "f: key \"steps[0]";
const std::string kLayer =
    ", wanted an index from 0 to 4095, or a range as \"4-7\"";

class PlanFaultsTest : public testing::Test {
protected:
  PlanFaultsTest() { registerAllPasses(); }

  /// Reads and checks the plan in the file `name`; the folder's name is left
  /// out of the message.
  std::string read(const char *name) {
    llvm::Expected<Plan> plan = openPlan(folder.path(name));
    std::string message =
        llvm::toString(plan ? checkPlan(*plan) : plan.takeError());
    std::string root = folder.path("");
    for (size_t at; (at = message.find(root)) != std::string::npos;)
      message.erase(at, root.size());
    return message;
  }

  void expect(llvm::ArrayRef<Fault> faults) {
    for (const Fault &fault : faults) {
      folder.write("f", fault.content);
      std::string message = read("f");
      EXPECT_EQ(message, fault.message) << fault.name;
      EXPECT_EQ(message.find('\n'), std::string::npos) << fault.name;
      print(fault.name, "plan", message);
    }
  }

  TemporaryFolder folder;
};

TEST_F(PlanFaultsTest, SoundPlansPass) {
  folder.write("f", window(R"("layers":[0,"2-3"],"options":{"window":8})"));
  EXPECT_EQ(read("f"), "");
}

TEST_F(PlanFaultsTest, Files) {
  EXPECT_EQ(read("none"), "cannot read \"none\": No such file or directory");
  print("missing file", "plan", read("none"));
  std::filesystem::create_directory(folder.path("folder"));
  EXPECT_EQ(read("folder"),
            "cannot read \"folder\": found a folder, wanted a regular file");
  print("a folder", "plan", read("folder"));
  folder.write("long", std::string((1 << 20) + 1, ' '));
  EXPECT_EQ(read("long"), "cannot read \"long\": found 1048577 bytes, wanted "
                          "at most 1048576");
  print("file too long", "plan", read("long"));
}

TEST_F(PlanFaultsTest, Text) {
  expect({
      {"empty file", "",
       "f:1:1: found the end of the text, wanted a JSON value"},
      {"truncated", R"({"version":1,"steps":[)",
       "f:1:23: found the end of the text, wanted a JSON value"},
      {"not UTF-8", "{\"\xff\":1}", "f:1:3: found invalid UTF-8, wanted UTF-8"},
      {"nesting bomb", std::string(100000, '['),
       "f:1:65: found deeper nesting, wanted at most 64 levels"},
      {"duplicate key", R"({"version":1,"version":1})",
       "f:1:14: found duplicate key \"version\", wanted each key once"},
      {"duplicate option", window(R"("options":{"window":1,"window":1})"),
       "f:1:78: found duplicate key \"window\", wanted each key once"},
      {"NaN", option("NaN"), "f:1:76: found \"NaN\", wanted a JSON value"},
      {"infinity", option("-Infinity"),
       "f:1:77: found \"Infinity\", wanted a digit"},
  });
}

TEST_F(PlanFaultsTest, Fields) {
  expect({
      {"not an object", "[]", "f: top level: found array of 0, wanted object"},
      {"no version", "{}", "f: key \"version\": found nothing, wanted integer"},
      {"unknown version", R"({"version":2,"steps":[]})",
       "f: key \"version\": found integer 2, wanted 1"},
      {"version 2^63", R"({"version":9223372036854775808})",
       "f: key \"version\": found integer 9223372036854775808, wanted integer "
       "of 64 bits"},
      {"no steps", R"({"version":1})",
       "f: top level: found no key \"steps\", wanted an array"},
      {"empty steps", R"({"version":1,"steps":[]})",
       "f: key \"steps\": found array of 0, wanted 1 to 256 steps"},
      {"wrong type of steps", R"({"version":1,"steps":{}})",
       "f: key \"steps\": found object, wanted array"},
      {"wrong type of a step", R"({"version":1,"steps":[1]})",
       kStep + "\": found integer 1, wanted object"},
      {"no rewrite", R"({"version":1,"steps":[{}]})",
       kStep + ".rewrite\": found nothing, wanted string"},
      {"wrong type of a rewrite", R"({"version":1,"steps":[{"rewrite":1}]})",
       kStep + ".rewrite\": found integer 1, wanted string"},
      {"unknown field", window("\"layer\":[1]"),
       kStep + ".layer\": found array of 1, wanted no key but rewrite, layers "
               "or options"},
      {"unknown field on top",
       R"({"version":1,"steps":[{"rewrite":"a"}],"name":""})",
       "f: key \"name\": found string \"\", wanted no key but version or "
       "steps"},
      {"heads", window("\"heads\":[1]"),
       kStep + ".heads\": found array of 1, wanted nothing: no rewrite takes "
               "heads"},
  });
}

TEST_F(PlanFaultsTest, Layers) {
  expect({
      {"wrong type of layers", window("\"layers\":3"),
       kStep + ".layers\": found integer 3, wanted array"},
      {"layers are null", window("\"layers\":null"),
       kStep + ".layers\": found null, wanted array"},
      {"no layer", window("\"layers\":[]"),
       kStep + ".layers\": found array of 0, wanted at least one layer: left "
               "out, it means all"},
      {"negative layer", window("\"layers\":[-1]"),
       kStep + ".layers[0]\": found integer -1" + kLayer},
      {"layer 2^63", window("\"layers\":[9223372036854775808]"),
       kStep + ".layers[0]\": found integer 9223372036854775808" + kLayer},
      {"range to 2^63", window("\"layers\":[\"0-9223372036854775807\"]"),
       kStep + ".layers[0]\": found string \"0-9223372036854775807\"" + kLayer},
      {"range backwards", window("\"layers\":[\"7-4\"]"),
       kStep + ".layers[0]\": found string \"7-4\"" + kLayer},
      {"layer twice", window("\"layers\":[\"0-3\",2]"),
       kStep + ".layers[1]\": found layer 2 again, wanted each once"},
      {"layers among options", window("\"options\":{\"layers\":[1]}"),
       kStep + ".options.layers\": found array of 1, wanted it beside "
               "\"options\""},
  });
}

TEST_F(PlanFaultsTest, Options) {
  const std::string key = kStep + ".options.window\": found ";
  expect({
      {"unknown rewrite",
       R"({"version":1,"steps":[{"rewrite":"attn-window"}]})",
       kStep +
           ".rewrite\": found string \"attn-window\", wanted a rewrite: did "
           "you mean \"attn-sliding-window\"?"},
      {"unknown option", window("\"options\":{\"size\":1}"),
       kStep + ".options.size\": found integer 1, wanted an option that "
               "attn-sliding-window has: see heed-opt --help"},
      {"wrong type of options", window("\"options\":[]"),
       kStep + ".options\": found array of 0, wanted object"},
      {"wrong kind of value", option("true"),
       key + "boolean true, wanted integer"},
      {"fraction for an integer", option("8.5"),
       key + "number 8.5, wanted integer"},
      {"value is null", option("null"),
       key + "null, wanted boolean, integer, number, string or array of "
             "integers"},
      {"value 2^63", option("9223372036854775808"),
       key + "integer 9223372036854775808, wanted integer of 64 bits"},
      {"value beyond a double", option("1e999"),
       key + "number 1e999, wanted number within the range of a double"},
      {"strings in an array", option("[\"a\"]"),
       kStep + ".options.window[0]\": found string \"a\", wanted integer"},
      {"injected option", option("\"8 sinks=4\""),
       key + "string \"8 sinks=4\", wanted at least one character, and no "
             "space, comma, quote, bracket or control character"},
      {"injected pass", option("\"8},cse{\""),
       key + "string \"8},cse{\", wanted at least one character, and no "
             "space, comma, quote, bracket or control character"},
  });
}

} // namespace
