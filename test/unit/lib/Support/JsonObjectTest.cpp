//===- JsonObjectTest.cpp -------------------------------------------------===//
//
// Part of the Heed project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "heed/Support/Json.h"

#include <gtest/gtest.h>

using namespace heed;

namespace {

class JsonObjectTest : public ::testing::Test {
protected:
  JsonObject parse(std::string text) {
    document.emplace(
        llvm::cantFail(JsonDocument::parse(std::move(text), "config.json")));
    return JsonObject(document->root());
  }
  std::string errorOf(const JsonObject &object) {
    return llvm::toString(object.takeError());
  }

  std::optional<JsonDocument> document;
};

TEST_F(JsonObjectTest, ReadsEveryType) {
  JsonObject object = parse(
      "{\"b\": true, \"i\": 42, \"r\": 0.5, \"n\": 10000, \"s\": \"x\","
      " \"is\": [1, 2], \"rs\": [1, 2.5], \"ss\": [\"a\"], \"o\": {\"k\": 1}}");
  bool boolean = false;
  int64_t integer = 0, inner = 0;
  double real = 0, number = 0;
  std::string string;
  std::vector<int64_t> integers;
  std::vector<double> reals;
  std::vector<std::string> strings;
  JsonObject nested;
  EXPECT_FALSE(bool(nested));
  EXPECT_TRUE(object.read("b", boolean) && object.read("i", integer) &&
              object.read("r", real) && object.read("n", number) &&
              object.read("s", string) && object.read("is", integers) &&
              object.read("rs", reals) && object.read("ss", strings) &&
              object.read("o", nested) && nested.read("k", inner));
  EXPECT_TRUE(boolean);
  EXPECT_EQ(integer, 42);
  EXPECT_EQ(real, 0.5);
  EXPECT_EQ(number, 10000.0);
  EXPECT_EQ(string, "x");
  EXPECT_EQ(integers, (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(reals, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(strings, std::vector<std::string>{"a"});
  EXPECT_EQ(inner, 1);
  EXPECT_FALSE(bool(object.takeError()));
  EXPECT_TRUE(object.unread().empty());
}

TEST_F(JsonObjectTest, TheFirstErrorSticks) {
  JsonObject object = parse("{\"hidden_size\": \"x\", \"layers\": 2}");
  int64_t hidden = 7, layers = 7, missing = 7;
  EXPECT_FALSE(object.read("hidden_size", hidden));
  EXPECT_FALSE(object.read("layers", layers));
  EXPECT_FALSE(object.read("missing", missing));
  EXPECT_FALSE(object.readOptional("absent", missing));
  EXPECT_EQ(hidden + layers + missing, 21);
  const char *message = "config.json: key \"hidden_size\": found string \"x\", "
                        "wanted integer";
  EXPECT_EQ(errorOf(object), message);
  EXPECT_EQ(errorOf(object), message);
}

TEST_F(JsonObjectTest, NestedObjectsShareTheError) {
  JsonObject object = parse("{\"rope\": {\"factor\": \"8\", \"in\": {}}}");
  JsonObject rope, inner;
  double factor = 0;
  ASSERT_TRUE(object.read("rope", rope) && rope.read("in", inner));
  EXPECT_FALSE(inner.read("deep", factor));
  EXPECT_FALSE(rope.read("factor", factor));
  EXPECT_EQ(errorOf(object),
            "config.json: key \"rope.in.deep\": found nothing, wanted number");
}

TEST_F(JsonObjectTest, OptionalMembersMayBeAbsentOrNull) {
  JsonObject object = parse("{\"a\": null, \"b\": 3, \"c\": \"x\"}");
  int64_t a = 1, b = 1, d = 1;
  std::optional<int64_t> maybeA, maybeB;
  EXPECT_TRUE(object.readOptional("a", a) && object.readOptional("b", b) &&
              object.readOptional("d", d) && object.readOptional("a", maybeA) &&
              object.readOptional("b", maybeB));
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, 3);
  EXPECT_EQ(d, 1);
  EXPECT_FALSE(maybeA);
  EXPECT_EQ(maybeB, 3);
  EXPECT_TRUE(object.has("b"));
  EXPECT_FALSE(object.has("a"));
  EXPECT_FALSE(object.has("d"));
  EXPECT_FALSE(object.readOptional("c", maybeB));
  EXPECT_EQ(errorOf(object),
            "config.json: key \"c\": found string \"x\", wanted integer");
}

TEST_F(JsonObjectTest, IntegersLieInTheirRange) {
  const std::pair<int64_t, bool> cases[] = {
      {0, false}, {1, true}, {8, true}, {9, false}};
  for (auto [value, fits] : cases) {
    JsonObject object = parse("{\"n\": " + std::to_string(value) + "}");
    int64_t result = -1;
    EXPECT_EQ(object.readOptional("n", result, 1, 8), fits);
    EXPECT_EQ(result, fits ? value : -1);
    if (!fits)
      EXPECT_EQ(errorOf(object), "config.json: key \"n\": found integer " +
                                     std::to_string(value) +
                                     ", wanted an integer from 1 to 8");
  }
  JsonObject object = parse("{\"n\": -3}");
  int64_t result;
  EXPECT_FALSE(object.read("n", result, 1));
  EXPECT_EQ(errorOf(object),
            "config.json: key \"n\": found integer -3, wanted at least 1");
}

TEST_F(JsonObjectTest, ListsWhatWasNeverRead) {
  JsonObject object = parse("{\"z\": 1, \"a\": 2, \"m\": [3], \"b\": 4}");
  int64_t a;
  EXPECT_TRUE(object.read("a", a));
  object.ignore("b");
  object.ignore("absent");
  std::vector<JsonMember> unread = object.unread();
  ASSERT_EQ(unread.size(), 2u);
  EXPECT_EQ(unread[0].key, "z");
  EXPECT_EQ(unread[1].key, "m");
  EXPECT_EQ(unread[1].value.describe(), "array of 1");
}

TEST_F(JsonObjectTest, ArraysOfAnythingAndOfObjects) {
  JsonObject object = parse("{\"a\": [1, \"x\", {}], \"b\": [{\"n\": 3}, {}]}");
  std::vector<heed::JsonValue> values;
  std::vector<JsonObject> objects;
  ASSERT_TRUE(object.read("a", values) && object.read("b", objects));
  ASSERT_EQ(values.size(), 3u);
  EXPECT_EQ(values[1].describe(), "string \"x\"");
  ASSERT_EQ(objects.size(), 2u);
  int64_t n = 0;
  EXPECT_TRUE(objects[0].read("n", n));
  EXPECT_EQ(n, 3);
  EXPECT_FALSE(objects[1].read("n", n));
  EXPECT_EQ(errorOf(object),
            "config.json: key \"b[1].n\": found nothing, wanted integer");
  JsonObject other = parse("{\"a\": [{}, 7], \"b\": {}}");
  EXPECT_FALSE(other.read("a", objects));
  EXPECT_EQ(errorOf(other),
            "config.json: key \"a[1]\": found integer 7, wanted object");
  EXPECT_EQ(objects.size(), 2u);
  JsonObject third = parse("{\"a\": {}}");
  EXPECT_FALSE(third.read("a", values));
  EXPECT_EQ(errorOf(third),
            "config.json: key \"a\": found object, wanted array");
}

TEST_F(JsonObjectTest, FaultsInsideArraysNameTheElement) {
  JsonObject object = parse("{\"types\": [\"a\", 2]}");
  std::vector<std::string> types = {"kept"};
  EXPECT_FALSE(object.read("types", types));
  EXPECT_EQ(types, std::vector<std::string>{"kept"});
  EXPECT_EQ(errorOf(object),
            "config.json: key \"types[1]\": found integer 2, wanted string");
}

TEST_F(JsonObjectTest, WhatIsNoObjectIsAnError) {
  JsonObject object = parse("[1]");
  int64_t value;
  EXPECT_FALSE(object.read("a", value));
  EXPECT_TRUE(object.unread().empty());
  EXPECT_EQ(errorOf(object),
            "config.json: top level: found array of 1, wanted object");
}

TEST_F(JsonObjectTest, CallersCanFail) {
  JsonObject object = parse("{\"a\": 1}");
  object.fail(object.get("a")->mismatch("2"));
  object.fail(object.get("a")->mismatch("3"));
  EXPECT_EQ(errorOf(object),
            "config.json: key \"a\": found integer 1, wanted 2");
}

} // namespace
